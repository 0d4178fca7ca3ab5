//! Detection on security messages: attacks, rules, threat lists, alerts. Pure: no I/O, no clock.
