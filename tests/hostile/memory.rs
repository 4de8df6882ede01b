//! How much memory another process has used.

/// The most that any target may cost.
pub const MOST: usize = 128 << 20;

/// The peak of the process's resident memory so far, in octets. None where the process has ended or the system does not
/// tell: only Linux does without asking it in C.
pub fn peak(process: u32) -> Option<usize> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}
