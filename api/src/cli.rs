//! The command line: words to calls of `run`. It decides nothing and prints only what a command answers.

mod args;
pub mod password;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::Path;

pub use args::Cli;
use args::{
    Command, ImportArgs, KeysCommand, MigrateCommand, PayrollArgs, PayrollCommand, UserCommand, UserCreateArgs,
};

use crate::config::{Config, Flags};
use crate::error::{Error, Fault};
use crate::run::{self, Import, Migrate, NewUser, RunError};
use crate::telemetry::Telemetry;

/// Runs one command to its end.
pub fn run(cli: Cli) -> Result<(), RunError> {
    begin(cli).map_err(plain)
}

/// What the operator may read and a client may not: causes, and for each refusal what it is about.
fn plain(error: RunError) -> RunError {
    let about = |fault: &Fault| match fault.field.first() {
        Some(field) => format!("{field}: {}", fault.message),
        None => fault.message.clone(),
    };
    match error.downcast_ref::<Error>() {
        Some(Error::Internal(cause)) => cause.to_string().into(),
        Some(Error::Refused(faults)) => faults.iter().map(about).collect::<Vec<_>>().join("; ").into(),
        _ => error,
    }
}

fn begin(cli: Cli) -> Result<(), RunError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let flags = cli.flags();
    match cli.command {
        // Needs no settings: works on a machine that has none.
        Command::Schema { output } => schema(output.as_deref()),
        Command::Serve(args) if args.check => check(&flags),
        command => {
            let config = Config::load(&flags)?;
            refuse(&config)?;
            let telemetry = runtime.block_on(async { Telemetry::start(&config) })?;
            let result = runtime.block_on(dispatch(command, config));
            telemetry.shutdown();
            result
        }
    }
}

async fn dispatch(command: Command, config: Config) -> Result<(), RunError> {
    match command {
        Command::Serve(_) => Box::pin(run::serve(config)).await,
        Command::Schema { output } => schema(output.as_deref()),
        Command::Migrate { step } => say(&run::migrate(&config, step.into()).await?),
        Command::User { command: UserCommand::Create(args) } => user_create(&config, args).await,
        Command::Keys { command: KeysCommand::Rotate { revoke } } => say(&run::keys_rotate(&config, revoke)?),
        Command::Import(args) => say(&run::import(&config, args.into()).await?),
        Command::Payroll { command: PayrollCommand::Export(args) } => payroll(&config, args).await,
        Command::Rebuild => say(&run::rebuild(&config).await?),
    }
}

/// All problems at once, and the settings as they will be used.
fn check(flags: &Flags) -> Result<(), RunError> {
    let config = Config::load(flags)?;
    refuse(&config)?;
    run::check(&config)?;
    say(&format!("{config:#?}\nThe configuration is good."))
}

fn refuse(config: &Config) -> Result<(), RunError> {
    let problems = config.check();
    if problems.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
    Err(format!("the configuration is refused:\n{}", lines.join("\n")).into())
}

fn schema(output: Option<&Path>) -> Result<(), RunError> {
    let text = run::schema()?;
    match output {
        Some(path) => Ok(std::fs::write(path, text)?),
        None => Ok(std::io::stdout().write_all(text.as_bytes())?),
    }
}

async fn user_create(config: &Config, args: UserCreateArgs) -> Result<(), RunError> {
    let password = password::read(std::io::stdin().lock())?;
    let UserCreateArgs { organization, email, role, name } = args;
    say(&run::user_create(config, NewUser { organization, email, role, name, password }).await?)
}

async fn payroll(config: &Config, args: PayrollArgs) -> Result<(), RunError> {
    let PayrollArgs { run, organization, actor, output } = args;
    let wanted = run::Payroll { organization, actor, run };
    match output {
        Some(path) => {
            let mut file = std::io::BufWriter::new(private(&path)?);
            say(&run::payroll(config, wanted, &mut file).await?)
        }
        None => run::payroll(config, wanted, &mut std::io::stdout()).await.map(|_| ()),
    }
}

/// A new file that nobody else may read.
fn private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn say(text: &str) -> Result<(), RunError> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

impl From<MigrateCommand> for Migrate {
    fn from(step: MigrateCommand) -> Self {
        match step {
            MigrateCommand::Up { steps } => Self::Up(steps),
            MigrateCommand::Down { steps } => Self::Down(steps),
            MigrateCommand::Status => Self::Status,
        }
    }
}

impl From<ImportArgs> for Import {
    fn from(args: ImportArgs) -> Self {
        let ImportArgs { file, mapping, organization, actor, dry_run, errors } = args;
        Self { file, mapping, organization, actor, dry_run, errors }
    }
}
