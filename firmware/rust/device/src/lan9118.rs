//! The Ethernet controller SMSC LAN9118, as a network driver. All of it is safe Rust but for where its registers are.
//!
//! It interrupts when a frame has come. What takes long, reading the frame out of its FIFO, is done on the thread of the IP instance.

use threadx_defender::net::{
    Frame, FrameDropped, FrameReceiver, LinkError, LinkInfo, MacAddress, NetworkDriver,
    ReceiverSlot,
};
use tock_registers::interfaces::{Readable, Writeable};
use tock_registers::register_structs;
use tock_registers::registers::{ReadOnly, ReadWrite, WriteOnly};

use crate::board;

register_structs! {
    Registers {
        (0x00 => rx_data: ReadOnly<u32>),
        (0x04 => _reserved_rx),
        (0x20 => tx_data: WriteOnly<u32>),
        (0x24 => _reserved_tx),
        (0x40 => rx_status: ReadOnly<u32>),
        (0x44 => _reserved_peek),
        (0x48 => tx_status: ReadOnly<u32>),
        (0x4C => _reserved_id),
        (0x54 => irq_cfg: ReadWrite<u32>),
        (0x58 => int_sts: ReadWrite<u32>),
        (0x5C => int_en: ReadWrite<u32>),
        (0x60 => _reserved_int),
        (0x64 => byte_test: ReadOnly<u32>),
        (0x68 => fifo_int: ReadWrite<u32>),
        (0x6C => rx_cfg: ReadWrite<u32>),
        (0x70 => tx_cfg: ReadWrite<u32>),
        (0x74 => hw_cfg: ReadWrite<u32>),
        (0x78 => _reserved_dp),
        (0x7C => rx_fifo_inf: ReadOnly<u32>),
        (0x80 => tx_fifo_inf: ReadOnly<u32>),
        (0x84 => _reserved_pmt),
        (0xA4 => mac_csr_cmd: ReadWrite<u32>),
        (0xA8 => mac_csr_data: ReadWrite<u32>),
        (0xAC => @END),
    }
}

/// What `byte_test` has, if the controller is there.
const BYTE_TEST: u32 = 0x8765_4321;
/// A frame is in the FIFO.
const RSFL: u32 = 1 << 3;
/// The frame is faulty.
const RX_ERROR: u32 = 1 << 15;
/// The longest frame, with its checksum.
const LONGEST: usize = 1518;
const CHECKSUM: usize = 4;

// Registers of the station.
const MAC_CR: u32 = 1;
const ADDRH: u32 = 2;
const ADDRL: u32 = 3;
/// Frames of all groups, receiver and transmitter on.
const MAC_ON: u32 = 1 << 19 | 1 << 3 | 1 << 2;

/// The controller.
pub struct Lan9118 {
    receiver: ReceiverSlot,
}

impl Lan9118 {
    pub const fn new() -> Self {
        Self {
            receiver: ReceiverSlot::new(),
        }
    }

    fn registers(&self) -> &Registers {
        // SAFETY: that is where the board has them, for good, and each is a word that may be read and written as its type says.
        unsafe { &*(board::ETHERNET_ADDRESS as *const Registers) }
    }

    /// It has interrupted: not again before the frames are read.
    pub fn interrupt(&self) {
        self.registers().int_en.set(0);
        if let Some(receiver) = self.receiver.get() {
            receiver.request_deferred();
        }
    }

    fn mac_wait(&self) {
        while self.registers().mac_csr_cmd.get() & 1 << 31 != 0 {}
    }

    fn mac_read(&self, register: u32) -> u32 {
        self.registers().mac_csr_cmd.set(0b11 << 30 | register);
        self.mac_wait();
        self.registers().mac_csr_data.get()
    }

    fn mac_write(&self, register: u32, value: u32) {
        self.registers().mac_csr_data.set(value);
        self.registers().mac_csr_cmd.set(1 << 31 | register);
        self.mac_wait();
    }

    /// Reads a frame's words out of the FIFO, as bytes.
    fn read_words(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(4) {
            let word = self.registers().rx_data.get().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }

    /// Takes a frame that nobody wants out of the FIFO.
    fn discard_words(&self, words: usize) {
        for _ in 0..words {
            self.registers().rx_data.get();
        }
    }

    /// Reads the next frame, whose status is this.
    fn receive(&self, receiver: FrameReceiver, status: u32) {
        let length = (status >> 16 & 0x3FFF) as usize;
        let words = length.div_ceil(4);
        let mut left = words;
        if status & RX_ERROR == 0 && (CHECKSUM + 1..=LONGEST).contains(&length) {
            // Straight into a packet. What is dropped, the instance counts.
            let _: Result<(), FrameDropped> =
                receiver.deliver_with(length - CHECKSUM, |piece: &mut [u8]| {
                    self.read_words(piece);
                    left -= piece.len().div_ceil(4);
                });
        }
        self.discard_words(left);
    }
}

impl NetworkDriver for Lan9118 {
    fn attach(&'static self, receiver: FrameReceiver) -> Result<LinkInfo, LinkError> {
        let found = self.registers().byte_test.get();
        if found != BYTE_TEST {
            return Err(LinkError::Hardware {
                what: "no LAN9118 is there",
                code: found as _,
            });
        }
        self.receiver.occupy(receiver)?;
        let [a, b, c, d] = self.mac_read(ADDRL).to_le_bytes();
        let [e, f, ..] = self.mac_read(ADDRH).to_le_bytes();
        Ok(LinkInfo::ethernet(MacAddress([a, b, c, d, e, f])))
    }

    fn enable(&self) -> Result<(), LinkError> {
        let registers = self.registers();
        registers.int_en.set(0);
        registers.int_sts.set(u32::MAX);
        // The line is on, active high, and pushed.
        registers.irq_cfg.set(0x111);
        // 5 KB of the memory are for frames to be sent, all of which are stored before.
        registers.hw_cfg.set(0x5_0000 | 1 << 20);
        registers.rx_cfg.set(0);
        registers.fifo_int.set(0);
        registers.tx_cfg.set(1 << 1);
        self.mac_write(MAC_CR, MAC_ON);
        registers.int_en.set(RSFL);
        board::enable_ethernet_interrupt();
        Ok(())
    }

    fn send(&self, frame: &Frame<'_>) -> Result<(), LinkError> {
        let registers = self.registers();
        let length = frame.len();
        if length > LONGEST - CHECKSUM {
            return Err(LinkError::FrameLength { length });
        }
        if (registers.tx_fifo_inf.get() & 0xFFFF) as usize <= length + 16 {
            return Err(LinkError::Hardware {
                what: "the FIFO for frames to be sent is full",
                code: 0,
            });
        }
        // One buffer is first and last of the frame.
        registers.tx_data.set(0b11 << 12 | length as u32);
        registers.tx_data.set(length as u32);
        let (mut word, mut bits) = (0, 0);
        for byte in frame.slices().flatten() {
            word |= u32::from(*byte) << bits;
            bits += 8;
            if bits == 32 {
                registers.tx_data.set(word);
                (word, bits) = (0, 0);
            }
        }
        if bits > 0 {
            registers.tx_data.set(word);
        }
        // How frames before have fared.
        while registers.tx_fifo_inf.get() >> 16 & 0xFF != 0 {
            registers.tx_status.get();
        }
        Ok(())
    }

    fn disable(&self) {
        self.registers().int_en.set(0);
        self.mac_write(MAC_CR, 0);
    }

    fn detach(&self) {
        self.receiver.clear();
    }

    fn deferred(&self) {
        let Some(receiver) = self.receiver.get() else {
            return;
        };
        let registers = self.registers();
        while registers.rx_fifo_inf.get() >> 16 & 0xFF != 0 {
            let status = registers.rx_status.get();
            self.receive(receiver, status);
        }
        registers.int_sts.set(RSFL);
        registers.int_en.set(RSFL);
    }
}
