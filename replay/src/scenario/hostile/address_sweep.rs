//! The device looks for who is there: a ping to every address of its network.

use crate::scenario::{
    background::{self, millis},
    datagrams,
    stage::Stage,
};

pub(in crate::scenario) fn set_up(stage: &mut Stage) {
    background::set_up(stage);
    let begin = stage.attack_time();
    let pause = stage.dice.pick([millis(10), millis(150), millis(1_000)]);
    let mut host = 0_u8;
    stage.begin(begin, move |stage| {
        if host == 0 {
            stage.note("address sweep begins", None);
        }
        host += 1;
        let is_there = stage.dice.once_in(5);
        let way = (stage.site.device, stage.site.neighbour(host));
        datagrams::ping(stage, stage.now, way, (0x77, host.into()), 16, is_there);
        (host < 254).then(|| stage.now + stage.dice.time(pause..=pause * 2))
    });
}
