//! Clocks that jump both ways, under a process that is killed: no date is spent twice.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Act {
    Ask,
    /// The clock is put forward or back, by hours.
    Jump(i64),
    /// The process is killed, and the next one may have another zone.
    Kill(usize),
}

const ZONES: [&str; 2] = ["UTC", "America/Los_Angeles"];
const A_DAY: u32 = 3;
const A_MONTH: u32 = 20;

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => Just(Act::Ask),
        2 => (-80_i64..80).prop_map(Act::Jump),
        1 => (-1500_i64..1500).prop_map(Act::Jump),
        1 => (0..ZONES.len()).prop_map(Act::Kill),
    ];
    proptest::collection::vec(act, 1..120)
}

/// Plays the acts, and gives the requests sent by unit and beginning, in the zone of the time.
async fn play(acts: &[Act]) -> HashMap<(CalendarUnit, i64), u32> {
    let outer = quick_disk();
    let clock = Wall::at("Wed, 25 Nov 2026 12:00:00 GMT");
    let limits = [(CalendarUnit::Day, A_DAY), (CalendarUnit::Month, A_MONTH)];
    let start = |zone: usize| kept(budgets(&limits, ZONES[zone]), &clock, outer.path());
    let (mut zone, mut purse) = (Zone::default(), start(0));
    let mut sent = HashMap::new();
    for act in acts {
        match act {
            Act::Ask if purse.pay().await.is_ok() => {
                for unit in CalendarUnit::ALL {
                    *sent.entry((unit, zone.stretch(unit, clock.wall()).start)).or_default() += 1;
                }
            }
            Act::Ask => {}
            Act::Jump(hours) => clock.step(hours * HOUR),
            Act::Kill(next) => {
                drop(purse);
                (zone, purse) = (Zone::named(ZONES[*next]).unwrap(), start(*next));
            }
        }
    }
    sent
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_day_and_no_month_gets_more_than_its_budget(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for ((unit, start), sent) in runtime.block_on(play(&acts)) {
            let limit = if unit == CalendarUnit::Day { A_DAY } else { A_MONTH };
            prop_assert!(sent <= limit, "{sent} in the {} of {}", unit.word(), rfc3339(start));
        }
    }
}
