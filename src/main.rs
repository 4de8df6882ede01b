use std::process::ExitCode;

fn main() -> ExitCode {
    arp_conformance::cli::main()
}
