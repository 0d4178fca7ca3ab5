//! Tells the device that every host is this machine, which is 10.0.2.2 to it.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::thread;

use simple_dns::rdata::{A, RData};
use simple_dns::{CLASS, Packet, PacketFlag, QTYPE, ResourceRecord, TYPE};

/// How long an answer may be kept, in seconds.
const TIME_TO_LIVE: u32 = 60;

const THIS_MACHINE: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);

/// Answers for as long as the program runs.
pub fn serve() -> io::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 53))?;
    thread::spawn(move || {
        let mut buffer = [0; 1500];
        loop {
            // Errors are those of single datagrams.
            if let Ok((length, from)) = socket.recv_from(&mut buffer)
                && let Some(answer) = answer(&buffer[..length])
            {
                let _ = socket.send_to(&answer, from);
            }
        }
    });
    Ok(())
}

/// The answer to a question; `None` when it is none.
fn answer(question: &[u8]) -> Option<Vec<u8>> {
    let question = Packet::parse(question).ok()?;
    if question.has_flags(PacketFlag::RESPONSE) {
        return None;
    }
    let mut reply = question.clone().into_reply();
    reply.set_flags(PacketFlag::RECURSION_AVAILABLE);
    for asked in &question.questions {
        if asked.qtype == QTYPE::TYPE(TYPE::A) {
            reply.answers.push(ResourceRecord::new(
                asked.qname.clone(),
                CLASS::IN,
                TIME_TO_LIVE,
                RData::A(A::from(THIS_MACHINE)),
            ));
        }
    }
    reply.build_bytes_vec().ok()
}
