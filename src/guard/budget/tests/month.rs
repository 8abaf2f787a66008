//! A month of surplus demand, with a process that is killed again and again and a disk that loses
//! files: no day and no month gets a request too many, and hardly one too few.

use std::collections::BTreeMap;

use super::*;

/// How often the process is killed.
const KILLS: u32 = 500;
/// Of so many kills one leaves a damaged file as well.
const DAMAGED: u64 = 10;

/// The same numbers every time (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// The upstream, which counts by itself.
#[derive(Default)]
struct Upstream(BTreeMap<i64, u64>);

impl Upstream {
    fn take(&mut self, zone: &Zone, clock: &Wall) {
        *self.0.entry(zone.stretch(CalendarUnit::Day, clock.wall()).start).or_default() += 1;
    }

    fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// What a kill leaves behind: now and then one of the files is cut short, has a bit turned, or is
/// gone, and sometimes a new one was being written.
fn damage(path: &Path, dice: &mut Dice) {
    fs::write(path.join("budget-engine.new"), b"cnrp-state 1 ").unwrap();
    if dice.below(DAMAGED) > 0 {
        return;
    }
    let file = &files(path)[usize::from(dice.below(2) == 0)];
    let mut bytes = fs::read(file).unwrap();
    let at = usize::try_from(dice.below(bytes.len() as u64)).unwrap();
    match dice.below(3) {
        0 => fs::remove_file(file).unwrap(),
        1 => fs::write(file, &bytes[..at]).unwrap(),
        _ => {
            bytes[at] ^= 1 << dice.below(8);
            fs::write(file, bytes).unwrap();
        }
    }
}

/// One question of one or two requests; `false` if the process is killed over it, between a request
/// that is paid for and its being sent.
async fn ask(
    purse: &Purse,
    upstream: &mut Upstream,
    clock: &Wall,
    zone: &Zone,
    is_killed: bool,
    dice: &mut Dice,
) -> bool {
    let Ok(_claim) = purse.admit() else { return !is_killed };
    for _ in 0..=dice.below(2) {
        if purse.pay().await.is_err() {
            break;
        }
        if is_killed && dice.below(2) == 0 {
            return false;
        }
        upstream.take(zone, clock);
    }
    !is_killed
}

/// Plays November 2026, a question every three minutes, and prints the days.
async fn november(limits: &[(CalendarUnit, u32)], seed: u64) -> Upstream {
    let outer = quick_disk();
    let budgets = budgets(limits, "America/Los_Angeles");
    let clock = Wall::at("Sun, 01 Nov 2026 07:00:00 GMT");
    let month = budgets.zone.stretch(CalendarUnit::Month, clock.wall());
    assert_eq!(month.start, Wall::now(&clock));
    let questions = (month.end - month.start) / 180;
    let (mut dice, mut upstream) = (Dice(seed), Upstream::default());
    let mut purse = kept(budgets.clone(), &clock, outer.path());
    for _ in 0..questions {
        let is_killed = dice.below(questions.unsigned_abs()) < KILLS.into();
        if !ask(&purse, &mut upstream, &clock, &budgets.zone, is_killed, &mut dice).await {
            drop(purse);
            damage(outer.path(), &mut dice);
            purse = kept(budgets.clone(), &clock, outer.path());
        }
        clock.step(180);
    }
    print(&upstream, limits, seed);
    upstream
}

fn print(upstream: &Upstream, limits: &[(CalendarUnit, u32)], seed: u64) {
    println!("{limits:?}, seed {seed}");
    println!("{:>3} {:>6} {:>6}", "day", "sent", "so far");
    let mut so_far = 0;
    for (day, sent) in upstream.0.values().enumerate() {
        so_far += sent;
        println!("{:>3} {sent:>6} {so_far:>6}", day + 1);
    }
}

#[tokio::test]
async fn a_month_of_kills_overspends_no_day_and_no_month_and_wastes_little() {
    for seed in [1, 20_261_125, 0x5eed] {
        let upstream = november(&[(CalendarUnit::Day, 100), (CalendarUnit::Month, 2000)], seed).await;
        assert!(upstream.0.values().all(|sent| *sent <= 100), "{:?}", upstream.0);
        assert!((1900..=2000).contains(&upstream.total()), "{}", upstream.total());
        assert_eq!(upstream.0.len(), 30, "something is left for every day");
    }
}

#[tokio::test]
async fn days_alone_are_spent_as_well() {
    let upstream = november(&[(CalendarUnit::Day, 60)], 7).await;
    assert!(upstream.0.values().all(|sent| *sent <= 60), "{:?}", upstream.0);
    assert!(upstream.total() >= 30 * 60 * 95 / 100, "{}", upstream.total());
}
