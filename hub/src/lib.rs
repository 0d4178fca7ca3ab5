//! Where security messages come from and go to: the MQTT client of the hub side.
