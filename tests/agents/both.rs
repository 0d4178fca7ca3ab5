//! Tests that run once for each agent.

use threadx_defender::Error;
use threadx_defender::defender::{Defender, DefenderBuilder, DefenderStorage, Implementation};

use crate::device::{Device, no_jitter};

/// Makes a test for each agent out of functions that take a kernel and an agent.
macro_rules! on_both_agents {
    ($($body:ident),* $(,)?) => {
        mod rust {
            $(
                #[test]
                fn $body() {
                    crate::kernel::in_kernel(|kernel| {
                        super::$body(kernel, threadx_defender::defender::Implementation::Rust)
                    });
                }
            )*
        }

        #[cfg(feature = "original-agent")]
        mod original {
            $(
                #[test]
                fn $body() {
                    crate::kernel::in_kernel(|kernel| {
                        super::$body(kernel, threadx_defender::defender::Implementation::Original)
                    });
                }
            )*
        }
    };
}

static AGENT: DefenderStorage = DefenderStorage::new();

/// An agent with the defaults but for the jitter.
pub fn builder(agent: Implementation) -> DefenderBuilder {
    Defender::builder()
        .implementation(agent)
        .settings(no_jitter())
}

pub fn try_enable(builder: DefenderBuilder, device: &Device) -> Result<Defender, Error> {
    builder.enable(&AGENT, &device.azure)
}

pub fn enable(agent: Implementation, device: &Device) -> Defender {
    let defender = try_enable(builder(agent), device).unwrap();
    assert_eq!(defender.implementation(), agent);
    defender
}

/// The agents that there are.
pub fn agents() -> Vec<Implementation> {
    vec![
        Implementation::Rust,
        #[cfg(feature = "original-agent")]
        Implementation::Original,
    ]
}
