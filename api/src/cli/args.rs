//! The words of the command line and their help. No behaviour.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::Flags;

const LONG: &str = "\
Accord: revenue operations as one GraphQL API.

Settings come from, lowest to highest: built-in defaults, accord.toml (or --config, or ACCORD_CONFIG), environment
ACCORD_* (ACCORD_LOG__FORMAT=json sets format in [log]), flags. `accord serve --check` shows the result.";

/// Accord: revenue operations as one GraphQL API
#[derive(Parser)]
#[command(name = "accord", version, long_about = LONG, arg_required_else_help = true)]
pub struct Cli {
    /// Settings file (TOML)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// sqlite:PATH or `postgres://…`; prefer the environment when it holds a password
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Where signing keys and the embedded database live
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(subcommand)]
    pub(super) command: Command,
}

impl Cli {
    /// What the flags set.
    pub fn flags(&self) -> Flags {
        let mut flags = Flags {
            config: self.config.clone(),
            database_url: self.database_url.clone(),
            data_dir: self.data_dir.clone(),
            ..Flags::default()
        };
        if let Command::Serve(serve) = &self.command {
            flags.listen.clone_from(&serve.listen);
            flags.public_url.clone_from(&serve.public_url);
            flags.otlp_endpoint.clone_from(&serve.otlp_endpoint);
            // A flag that is absent leaves the word to file and environment.
            flags.production = serve.production.then_some(true);
            flags.demo = serve.demo.then_some(true);
        }
        flags
    }
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Start the server
    Serve(ServeArgs),
    /// Bring the database to a version, or say which it has
    Migrate {
        #[command(subcommand)]
        step: MigrateCommand,
    },
    /// Print the GraphQL schema
    Schema {
        /// Write here instead of standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Users
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Signing keys
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Bring in rows from CSV files
    Import(ImportArgs),
    /// What people are paid
    Payroll {
        #[command(subcommand)]
        command: PayrollCommand,
    },
    /// Compute anew what is kept of other rows: credit for sales. A running server does the work
    Rebuild,
}

#[derive(Args)]
pub(super) struct ServeArgs {
    /// Check the settings, print them without secrets, and stop
    #[arg(long)]
    pub(super) check: bool,
    /// Start with a filled example organisation
    #[arg(long)]
    demo: bool,
    /// Refuse what is only good for trying out
    #[arg(long)]
    production: bool,
    /// Address and port
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Where people reach this server
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Send traces to this collector
    #[arg(long, value_name = "URL")]
    otlp_endpoint: Option<String>,
}

#[derive(Subcommand)]
pub(super) enum MigrateCommand {
    /// Apply what is missing
    Up {
        /// At most so many
        #[arg(long, value_name = "N")]
        steps: Option<u32>,
    },
    /// Take back the latest
    Down {
        /// So many
        #[arg(long, value_name = "N", default_value_t = 1)]
        steps: u32,
    },
    /// List what is applied and what is missing
    Status,
}

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Make a user, and the organisation when it is new; the password is one line on standard input
    Create(UserCreateArgs),
}

#[derive(Args)]
pub(super) struct UserCreateArgs {
    /// Short name of the organisation
    #[arg(long, value_name = "SLUG")]
    pub(super) organization: String,
    #[arg(long)]
    pub(super) email: String,
    #[arg(long)]
    pub(super) role: String,
    /// Name to show; the part before the @ otherwise
    #[arg(long)]
    pub(super) name: Option<String>,
}

#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// Make a new signing key; tokens signed with the old ones stay valid. Restart the server afterwards
    Rotate {
        /// Drop the old keys too: everybody needs a new access token at once
        #[arg(long)]
        revoke: bool,
    },
}

#[derive(Subcommand)]
pub(super) enum PayrollCommand {
    /// Write what a locked run pays to each as CSV, on standard output unless --output is given; the log says who did
    Export(PayrollArgs),
}

#[derive(Args)]
pub(super) struct PayrollArgs {
    /// Which run: an id that begins with `incentive_run_`
    pub(super) run: String,
    /// Short name of the organisation
    #[arg(long, value_name = "SLUG")]
    pub(super) organization: String,
    /// Whose rights count
    #[arg(long = "as", value_name = "EMAIL")]
    pub(super) actor: String,
    /// A new file, which only its owner may read
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct ImportArgs {
    /// A CSV file, or a folder with the files that the mapping names
    pub(super) file: PathBuf,
    /// Which column goes to which field: a TOML file, or the name of a mapping that comes with Accord
    #[arg(long, value_name = "FILE|NAME")]
    pub(super) mapping: String,
    /// Short name of the organisation
    #[arg(long, value_name = "SLUG")]
    pub(super) organization: String,
    /// Whose rights count
    #[arg(long = "as", value_name = "EMAIL")]
    pub(super) actor: String,
    /// Check every row, write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Write refused rows here, with the reason
    #[arg(long, value_name = "FILE")]
    pub(super) errors: Option<PathBuf>,
}
