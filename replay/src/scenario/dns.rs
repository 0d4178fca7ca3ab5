//! DNS messages.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use simple_dns::{
    CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, ResourceRecord, TYPE,
    rdata::{A, AAAA, PTR, RData, TXT},
};

use super::stage::Stage;

/// Where names are answered.
pub(super) const PORT: u16 = 53;

/// A question for a name.
pub(super) fn question(id: u16, name: &str, kind: TYPE) -> Option<Vec<u8>> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    packet.questions.push(Question::new(
        Name::new(name).ok()?,
        QTYPE::TYPE(kind),
        QCLASS::CLASS(CLASS::IN),
        false,
    ));
    packet.build_bytes_vec().ok()
}

/// The answer to a question: the question again, and a record.
fn answer(id: u16, name: &str, kind: TYPE, record: RData<'_>) -> Option<Vec<u8>> {
    let mut packet = Packet::new_reply(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED | PacketFlag::RECURSION_AVAILABLE);
    let name = Name::new(name).ok()?;
    packet.questions.push(Question::new(
        name.clone(),
        QTYPE::TYPE(kind),
        QCLASS::CLASS(CLASS::IN),
        false,
    ));
    packet
        .answers
        .push(ResourceRecord::new(name, CLASS::IN, 300, record));
    packet.build_bytes_vec_compressed().ok()
}

/// Asks the router for a name, and gives the time at which the answer is there.
pub(super) fn look_up(stage: &mut Stage, at: Duration, name: &str, address: IpAddr) -> Duration {
    let (kind, record) = match address {
        IpAddr::V4(address) => (TYPE::A, RData::A(A::from(address))),
        IpAddr::V6(address) => (TYPE::AAAA, RData::AAAA(AAAA::from(address))),
    };
    let resolver = stage.site.router();
    exchange(stage, at, resolver, name, kind, record)
}

/// Asks `resolver` for a text record, as tunnels do, and gets `text`.
pub(super) fn ask_for_text(
    stage: &mut Stage,
    at: Duration,
    resolver: IpAddr,
    name: &str,
    text: &str,
) -> Duration {
    let record = TXT::new().with_string(text).unwrap_or_default();
    exchange(stage, at, resolver, name, TYPE::TXT, RData::TXT(record))
}

fn exchange(
    stage: &mut Stage,
    at: Duration,
    resolver: IpAddr,
    name: &str,
    kind: TYPE,
    record: RData<'_>,
) -> Duration {
    let id = stage.dice.short(0..=u16::MAX);
    let own = stage.own();
    let resolver = SocketAddr::new(resolver, PORT);
    let answered = at + stage.answer_time(resolver.ip());
    if let Some(question) = question(id, name, kind) {
        stage.udp(at, own, resolver, &question);
    }
    if let Some(answer) = answer(id, name, kind, record) {
        stage.udp(answered, resolver, own, &answer);
    }
    answered
}

/// What a device says of a service in its network: multicast DNS, without being asked.
pub(super) fn announcement(service: &str, instance: &str) -> Option<Vec<u8>> {
    let mut packet = Packet::new_reply(0);
    packet.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
    let pointer = RData::PTR(PTR(Name::new(instance).ok()?));
    let service = Name::new(service).ok()?;
    packet
        .answers
        .push(ResourceRecord::new(service, CLASS::IN, 4500, pointer));
    packet.build_bytes_vec_compressed().ok()
}
