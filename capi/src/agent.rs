//! The one agent that C enables, and what is set about it: before it is enabled, and while it runs.

use core::mem::ManuallyDrop;

use netxduo_sys::{NX_AZURE_IOT, NX_AZURE_IOT_INVALID_PARAMETER, NX_AZURE_IOT_PENDING};
use threadx_defender::agent::{Settings, SettingsError};
use threadx_defender::azure::AzureIot;
use threadx_defender::defender::Defender;
use threadx_defender::kernel::Kernel;
use threadx_sys::UINT;

use crate::cell::Cell;
use crate::hooks::{self, Entropy, UnixTime};
use crate::status;
use crate::storage::STORAGE;

static SHARED: Cell<Shared> = Cell::new(Shared {
    settings: Settings::new(),
    entropy: None,
    unix_time: None,
    phase: Phase::Disabled,
});

/// What calls share.
pub struct Shared {
    /// What is set, whether an agent is enabled or not.
    settings: Settings,
    pub entropy: Option<Entropy>,
    pub unix_time: Option<UnixTime>,
    phase: Phase,
}

enum Phase {
    Disabled,
    /// A thread enables it.
    Enabling(Instance),
    Enabled(Instance, Defender),
}

/// The middleware's instance, which is the caller's.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Instance(*mut NX_AZURE_IOT);

// SAFETY: the middleware locks for itself.
unsafe impl Send for Instance {}

/// A look at what is shared, which is brief.
pub fn shared<R>(look: impl FnOnce(&mut Shared) -> R) -> R {
    SHARED.with(look)
}

impl Shared {
    /// The instance that the agent is, or is being, enabled on.
    pub fn instance(&self) -> Option<*mut NX_AZURE_IOT> {
        match self.phase {
            Phase::Disabled => None,
            Phase::Enabling(instance) | Phase::Enabled(instance, _) => Some(instance.0),
        }
    }
}

/// The enabled agent, if there is one.
pub fn enabled() -> Option<ManuallyDrop<Defender>> {
    shared(|shared| match &shared.phase {
        Phase::Enabled(_, defender) => Some(defender.alias()),
        _ => None,
    })
}

/// What is set.
pub fn settings() -> Settings {
    shared(|shared| shared.settings)
}

/// Changes what is set, all at once or, when `change` fails, nothing. It holds for the agent that runs, and for the next one.
pub fn change(change: impl FnOnce(&mut Settings) -> Result<(), SettingsError>) -> Result<(), UINT> {
    shared(|shared| {
        let mut settings = shared.settings;
        change(&mut settings)?;
        shared.settings = settings;
        Ok(())
    })
    .map_err(|_: SettingsError| NX_AZURE_IOT_INVALID_PARAMETER)?;
    pass_on()
}

/// Gives the agent that runs what is set.
fn pass_on() -> Result<(), UINT> {
    let Some(defender) = enabled() else {
        return Ok(());
    };
    // Looked at in here: of two changes at once the later one is what remains in both places.
    let passed = defender.update(|running| {
        *running = settings();
        Ok(())
    });
    passed.map_err(|error| status::of(&error))
}

/// Enables the agent.
///
/// # Safety
/// `azure` is null, or an instance that is created, and that stays so until the agent is disabled.
pub unsafe fn enable(azure: *mut NX_AZURE_IOT) -> Result<(), UINT> {
    if azure.is_null() {
        return Err(NX_AZURE_IOT_INVALID_PARAMETER);
    }
    Kernel::current().map_err(|error| status::of(&error))?;
    let instance = Instance(azure);
    let claimed = shared(|shared| match shared.phase {
        Phase::Disabled => {
            shared.phase = Phase::Enabling(instance);
            Ok(true)
        }
        Phase::Enabled(other, _) if other == instance => Ok(false),
        Phase::Enabled(..) => Err(NX_AZURE_IOT_INVALID_PARAMETER),
        Phase::Enabling(_) => Err(NX_AZURE_IOT_PENDING),
    })?;
    if !claimed {
        return Ok(());
    }
    // SAFETY: the caller says so.
    let azure = unsafe { AzureIot::from_raw(azure) };
    let result = Defender::builder()
        .settings(settings())
        .entropy(hooks::entropy)
        .unix_time(hooks::unix_time)
        .enable(&STORAGE, &azure);
    let (phase, result) = match result {
        Ok(defender) => (Phase::Enabled(instance, defender), Ok(())),
        Err(error) => (Phase::Disabled, Err(status::of(&error))),
    };
    // What it takes the place of has nothing to be dropped.
    shared(|shared| shared.phase = phase);
    result?;
    // What was changed meanwhile.
    pass_on()
}

/// Disables the agent if it is enabled on that instance, or on any, where `azure` is null.
pub fn disable(azure: *mut NX_AZURE_IOT) -> Result<(), UINT> {
    Kernel::current().map_err(|error| status::of(&error))?;
    let phase = shared(|shared| match shared.phase {
        Phase::Enabling(_) => Err(NX_AZURE_IOT_PENDING),
        Phase::Enabled(instance, _) if !azure.is_null() && instance.0 != azure => {
            Err(NX_AZURE_IOT_INVALID_PARAMETER)
        }
        _ => Ok(core::mem::replace(&mut shared.phase, Phase::Disabled)),
    })?;
    // Outside of the cell: it waits for the cloud helper.
    drop(phase);
    Ok(())
}
