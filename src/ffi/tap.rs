//! TAP interfaces: files of the operating system, one frame at a time.

extern crate std;

use core::mem;
use core::ptr;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use libc::{c_int, c_short};

use crate::net::tap::{MAX_NAME, TapError};
use crate::net::{Frame, FrameReceiver, LinkError};

/// The longest frame that is received: 1,500 bytes of packet, an Ethernet header, and a tag that may be in it.
const MAX_FRAME: usize = 1500 + 14 + 4;

/// The pieces that a frame is written in. One of more has more buffers than packets of common sizes need.
const MAX_PIECES: usize = 16;

/// An open TAP interface.
pub(crate) struct Device {
    file: OwnedFd,
}

impl Device {
    pub fn open(interface: &'static str) -> Result<Self, TapError> {
        let name = interface.as_bytes();
        if name.is_empty() || name.len() > MAX_NAME || name.contains(&0) {
            return Err(TapError::Name { interface });
        }
        let flags = libc::O_RDWR | libc::O_CLOEXEC | libc::O_NONBLOCK;
        // SAFETY: the path is a text that ends with a zero.
        let file =
            owned(unsafe { libc::open(c"/dev/net/tun".as_ptr(), flags) }).map_err(|errno| {
                match errno {
                    libc::ENOENT | libc::ENODEV | libc::ENXIO => TapError::NoTunDevice,
                    libc::EPERM | libc::EACCES => TapError::NotPermitted { interface },
                    errno => TapError::Os {
                        call: "open of /dev/net/tun",
                        errno,
                    },
                }
            })?;
        // SAFETY: all zero is a valid request.
        let mut request: libc::ifreq = unsafe { mem::zeroed() };
        for (place, byte) in request.ifr_name.iter_mut().zip(name) {
            *place = *byte as _;
        }
        request.ifr_ifru.ifru_flags = (libc::IFF_TAP | libc::IFF_NO_PI) as c_short;
        // SAFETY: the file is open, and the request is one for this call.
        let result =
            unsafe { libc::ioctl(file.as_raw_fd(), libc::TUNSETIFF as _, &raw mut request) };
        if result < 0 {
            return Err(match errno() {
                libc::EPERM => TapError::NotPermitted { interface },
                libc::EBUSY => TapError::Busy { interface },
                libc::EINVAL => TapError::NoTap { interface },
                errno => TapError::Os {
                    call: "ioctl TUNSETIFF",
                    errno,
                },
            });
        }
        Ok(Self { file })
    }

    /// Writes a frame, without copying it before.
    pub fn write(&self, frame: &Frame<'_>) -> Result<(), LinkError> {
        let mut pieces: [libc::iovec; MAX_PIECES] = [libc::iovec {
            iov_base: ptr::null_mut(),
            iov_len: 0,
        }; MAX_PIECES];
        let mut count = 0;
        for slice in frame.slices() {
            let length = frame.len();
            let piece = pieces
                .get_mut(count)
                .ok_or(LinkError::FrameLength { length })?;
            piece.iov_base = slice.as_ptr().cast_mut().cast();
            piece.iov_len = slice.len();
            count += 1;
        }
        loop {
            // SAFETY: the file is open; the pieces are parts of the frame, which is only read.
            let written =
                unsafe { libc::writev(self.file.as_raw_fd(), pieces.as_ptr(), count as c_int) };
            if written >= 0 {
                return Ok(());
            }
            match errno() {
                // ThreadX' port to Linux stops and resumes its threads with signals.
                libc::EINTR => {}
                // Its other side is down.
                libc::EIO => return Err(LinkError::Down),
                errno => {
                    return Err(TapError::Os {
                        call: "writev to the TAP interface",
                        errno,
                    }
                    .into());
                }
            }
        }
    }
}

/// The thread that receives frames.
pub(crate) struct Running {
    stop: Arc<OwnedFd>,
    thread: JoinHandle<()>,
}

impl Running {
    pub fn start(device: Arc<Device>, receiver: FrameReceiver) -> Result<Self, TapError> {
        // SAFETY: creates a file, and nothing else.
        let stop = owned(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })
            .map_err(|errno| TapError::Os {
                call: "eventfd",
                errno,
            })?;
        let stop = Arc::new(stop);
        let thread = {
            // A new thread takes over what its creator blocks.
            let _blocked = SignalsBlocked::new();
            let stop = Arc::clone(&stop);
            thread::Builder::new()
                .name("tap".into())
                .spawn(move || receive(&device, &stop, receiver))
        };
        match thread {
            Ok(thread) => Ok(Self { stop, thread }),
            Err(error) => Err(TapError::Os {
                call: "pthread_create",
                errno: error.raw_os_error().unwrap_or(0),
            }),
        }
    }

    /// Ends the thread, and waits for its end.
    pub fn stop(self) {
        let one = 1_u64;
        // SAFETY: the file is open, and takes eight bytes.
        unsafe {
            libc::write(
                self.stop.as_raw_fd(),
                (&raw const one).cast(),
                size_of::<u64>(),
            )
        };
        // It does not panic.
        let _ = self.thread.join();
    }
}

/// Receives frames until it is stopped. No heap and no locks of the operating system: a ThreadX thread may have been stopped
/// while it held them.
fn receive(device: &Device, stop: &OwnedFd, receiver: FrameReceiver) {
    let mut frame = [0; MAX_FRAME];
    loop {
        let wait_for = |file: &OwnedFd| libc::pollfd {
            fd: file.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        let mut files = [wait_for(stop), wait_for(&device.file)];
        // SAFETY: the files are open, and there are two of them.
        let ready = unsafe { libc::poll(files.as_mut_ptr(), 2, -1) };
        if ready < 0 && errno() != libc::EINTR {
            return;
        }
        let [stopped, readable] = files.map(|file| ready > 0 && file.revents != 0);
        if stopped {
            return;
        }
        if !readable {
            continue;
        }
        // SAFETY: the file is open, and the buffer is as long as stated.
        let length = unsafe {
            libc::read(
                device.file.as_raw_fd(),
                frame.as_mut_ptr().cast(),
                frame.len(),
            )
        };
        match usize::try_from(length) {
            Ok(length) => {
                // What is dropped is counted.
                let _ = receiver.deliver(&frame[..length]);
            }
            Err(_) if matches!(errno(), libc::EINTR | libc::EAGAIN) => {}
            // The interface was taken away.
            Err(_) => return,
        }
    }
}

/// This thread gets no signals while it lives.
struct SignalsBlocked {
    before: libc::sigset_t,
}

impl SignalsBlocked {
    fn new() -> Self {
        // SAFETY: all zero is a valid set, and these calls only fill sets and change this thread's own mask.
        unsafe {
            let (mut all, mut before) = (mem::zeroed(), mem::zeroed());
            libc::sigfillset(&raw mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
            Self { before }
        }
    }
}

impl Drop for SignalsBlocked {
    fn drop(&mut self) {
        // SAFETY: the set is the one that was found.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.before, ptr::null_mut());
        }
    }
}

/// A file that the operating system has opened just now, or why it has not.
fn owned(file: RawFd) -> Result<OwnedFd, c_int> {
    if file < 0 {
        return Err(errno());
    }
    // SAFETY: the file is open, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(file) })
}

fn errno() -> c_int {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
