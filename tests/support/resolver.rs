//! A DNS server that knows a few names: for a device that asks for its hub's address.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::thread;

use simple_dns::rdata::{A, RData};
use simple_dns::{CLASS, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE};

const PORT: u16 = 53;

/// How long an answer may be kept, in seconds.
const TIME_TO_LIVE: u32 = 60;

/// Answers questions to an address of this machine for as long as the program runs, each with what `address_of` says.
pub fn serve(
    listen: IpAddr,
    address_of: impl Fn(&str) -> Option<Ipv4Addr> + Send + 'static,
) -> io::Result<()> {
    let socket = UdpSocket::bind((listen, PORT))?;
    thread::Builder::new()
        .name("resolver".into())
        .spawn(move || answer_all(&socket, address_of))?;
    Ok(())
}

fn answer_all(socket: &UdpSocket, address_of: impl Fn(&str) -> Option<Ipv4Addr>) {
    let mut buffer = [0; 1500];
    loop {
        // Errors are those of single datagrams, such as an answer that nobody waited for.
        let received: io::Result<(usize, SocketAddr)> = socket.recv_from(&mut buffer);
        if let Ok((length, from)) = received
            && let Some(answer) = answer(&buffer[..length], &address_of)
        {
            let _ = socket.send_to(&answer, from);
        }
    }
}

/// The answer to a question; `None` when it is none.
fn answer(question: &[u8], address_of: &impl Fn(&str) -> Option<Ipv4Addr>) -> Option<Vec<u8>> {
    let question = Packet::parse(question).ok()?;
    if question.has_flags(PacketFlag::RESPONSE) {
        return None;
    }
    let mut reply = question.clone().into_reply();
    reply.set_flags(PacketFlag::RECURSION_AVAILABLE);
    for asked in &question.questions {
        let Some(address) = address_of(&asked.qname.to_string()) else {
            *reply.rcode_mut() = RCODE::NameError;
            continue;
        };
        if asked.qtype == QTYPE::TYPE(TYPE::A) {
            reply.answers.push(ResourceRecord::new(
                asked.qname.clone(),
                CLASS::IN,
                TIME_TO_LIVE,
                RData::A(A::from(address)),
            ));
        }
    }
    reply.build_bytes_vec().ok()
}
