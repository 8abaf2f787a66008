//! A budget that several gateways share: what is spent of it is counted in their store, for all of them.
//!
//! A gateway reserves a block there, in one step, if what all have spent leaves room for it, and writes the
//! new count down in its own ledger before it sends anything. So each knows a count that was true once,
//! tells it with its next reservation and every second beside, and the greater of the two holds. In a store
//! that lost what it had nothing is spent until all have told it. One that can't be asked is a ledger that
//! can't be written: nothing is spent either.

use super::{
    BudgetState,
    account::Account,
    purse::{Inner, Purse, Request, lock},
    state::spent,
    tally::Date,
};
use crate::{
    guard::Tier,
    model::{CalendarUnit, Failure, Reason, Stretch, unix_seconds},
    upstream::Part,
};

/// Of the form of counts and their names.
const VERSION: u32 = 1;

/// How long a count is kept beyond its day or month, for a clock that goes back, in seconds.
const KEPT: i64 = 8 * 86_400;

/// How long nothing is spent once the store lost its counts, in milliseconds: every gateway that runs has
/// told it what it knows by then, also one that had just left it alone for as long as it ever does. Whoever
/// reserved last knows the true count, so it is there again.
const AWAITED: &str = "12000";

/// KEYS: whether counts are awaited; a count each. ARGV: the block, how long they are awaited; and for each
/// count what we know of it, how much may be spent, and how long it is kept in milliseconds. Counts a block
/// as spent, or as much of it as there is room for. Returns how much that is, and the counts; or one number:
/// nothing can be written (-1), something stands there that is no count (-2), or counts are awaited (-3).
const RESERVE: &str = r"
local function fails(reply) return type(reply) == 'table' and reply.err end
local totals, block = {}, tonumber(ARGV[1])
for i = 2, #KEYS do
  local said, known = redis.pcall('GET', KEYS[i]), tonumber(ARGV[3 * i - 3])
  if said and (type(said) ~= 'string' or #said > 15 or not string.match(said, '^%d+$')) then return {-2} end
  if not said and known > 0 and fails(redis.pcall('SET', KEYS[1], '', 'PX', ARGV[2])) then return {-1} end
  totals[i] = math.max(tonumber(said or 0), known)
  block = math.min(block, math.max(tonumber(ARGV[3 * i - 2]) - totals[i], 0))
end
local is_awaited = redis.call('EXISTS', KEYS[1]) == 1
if is_awaited then block = 0 end
local told = {block}
for i = 2, #KEYS do
  local total = totals[i] + block
  if total > 0 and fails(redis.pcall('SET', KEYS[i], string.format('%.0f', total), 'PX', ARGV[3 * i - 1])) then
    return {-1}
  end
  told[i] = total
end
if is_awaited then return {-3} end
return told
";

/// KEYS: a count each. ARGV: what was not sent; and for each count what we know of it. Counts that no
/// longer, unless the count is less than we know: then the store lost it, and there is nothing to give back.
const GIVE_BACK: &str = r"
for i, key in ipairs(KEYS) do
  local said = redis.pcall('GET', key)
  if type(said) == 'string' and (tonumber(said) or 0) >= tonumber(ARGV[i + 1]) then
    redis.pcall('DECRBY', key, ARGV[1])
  end
end
return {0}
";

/// What is known of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) unit: CalendarUnit,
    /// By all, what this gateway has reserved included.
    pub(super) spent: u64,
    /// As much may be spent in all.
    pub(super) most: u64,
}

/// What a reservation asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) date: Date,
    /// In seconds since 1970.
    pub(super) now: i64,
    pub(super) block: u64,
    pub(super) known: Vec<Known>,
}

/// What was reserved at last and not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rest {
    pub(super) date: Date,
    pub(super) unsent: u64,
    pub(super) known: Vec<(CalendarUnit, u64)>,
}

impl Purse {
    /// From now on what is spent counts for all that share the tier, if there is one.
    pub fn share(&self, tier: Option<&Tier>) {
        self.inner().tier.store(tier.map(|tier| tier.clone().into()));
    }

    /// Gives back what was reserved and not spent, as the process ends.
    pub async fn end(&self) {
        let purse = self.clone();
        let rest = tokio::task::spawn_blocking(move || purse.settle()).await.unwrap_or_default();
        let tier = self.inner().tier.load_full();
        if let Some((rest, tier)) = rest.zip(tier) {
            give_back(&tier, &self.inner().name, &rest).await;
        }
    }

    /// Tells the others what is known, and hears what they have spent. Called every second or two.
    pub async fn keep_told(&self) {
        let inner = self.inner();
        let Some(tier) = inner.tier.load_full() else { return };
        let _turn = inner.turn.lock().await;
        let wanted = inner.known();
        // What fails is told by the reservation that then fails as well.
        let Ok((_, totals)) = reserve(&tier, &inner.name, &wanted).await else { return };
        if wanted.known.iter().zip(&totals).any(|(known, total)| *total > known.spent) {
            let _ = self.on_the_disk(move |inner| inner.enter(&wanted, 0, &totals)).await;
        }
    }

    /// Reserves a block for all that share the tier to see. One at a time: who waited finds what another
    /// has reserved.
    pub(super) async fn reserve_of_all(&self, tier: &Tier, request: Request) -> Result<(), Failure> {
        let inner = self.inner();
        let _turn = inner.turn.lock().await;
        let Some(wanted) = inner.wanted(request)? else { return Ok(()) };
        let failed = |failure| spent(format!("its ledger in the shared cache can't be written: {failure}"));
        let (block, totals) = reserve(tier, &inner.name, &wanted).await.map_err(failed)?;
        self.on_the_disk(move |inner| inner.enter(&wanted, block, &totals)).await
    }
}

impl Inner {
    /// What all have spent, as far as is known.
    fn known(&self) -> Wanted {
        let account = self.account();
        let known = |state: BudgetState| {
            let state = state.beside(account.reserved);
            Known { unit: state.unit, spent: state.spent, most: state.limit }
        };
        let known = self.states(&account).into_iter().map(known).collect();
        Wanted { date: account.date, now: unix_seconds(self.clock.wall()), block: 0, known }
    }

    /// What is to be reserved where others spend as well, unless there is enough reserved.
    fn wanted(&self, request: Request) -> Result<Option<Wanted>, Failure> {
        let account = self.account();
        if account.reserved > account.promised {
            return Ok(None);
        }
        let known = |state: BudgetState| {
            let most = match request {
                Request::First => state.spent + state.available,
                Request::Sent => state.limit,
            };
            let state = state.beside(account.reserved);
            let known = Known { unit: state.unit, spent: state.spent, most };
            if known.spent < most { Ok(known) } else { Err(state.refusal()) }
        };
        let known = self.states(&account).into_iter().map(known).collect::<Result<_, _>>()?;
        let (now, block) = (unix_seconds(self.clock.wall()), self.terms.load().block);
        Ok(Some(Wanted { date: account.date, now, block, known }))
    }

    /// Writes down what all have spent, and the block of it that was reserved for us. Waits for the disk.
    fn enter(&self, wanted: &Wanted, block: u64, totals: &[u64]) -> Result<(), Failure> {
        let mut ledger = lock(&self.ledger);
        let mut tally = self.account().tally.clone();
        // Also in a unit that has no limit yet.
        tally.add(&wanted.date, block);
        for (known, total) in wanted.known.iter().zip(totals) {
            tally.raise(known.unit, &wanted.date, *total);
        }
        ledger.write(&tally).map_err(spent)?;
        let mut account = self.account();
        // Otherwise a new day began meanwhile, and what was reserved for the old one is forfeit.
        if account.date == wanted.date {
            account.tally = tally;
            account.reserved += block;
        }
        Ok(())
    }

    /// What is reserved and not sent.
    pub(super) fn rest(&self, account: &Account) -> Rest {
        let terms = self.terms.load();
        // Each once, of however many limits.
        let is_limited =
            |unit: &CalendarUnit| terms.budgets.limits.iter().any(|(limited, _)| limited == unit);
        let units = CalendarUnit::ALL.into_iter().filter(is_limited);
        let known = units.map(|unit| (unit, account.tally.spent(unit, &account.date)));
        Rest { date: account.date, unsent: account.reserved, known: known.collect() }
    }
}

/// Reserves in the store. Gives how much, and the counts after it.
async fn reserve(tier: &Tier, name: &str, wanted: &Wanted) -> Result<(u64, Vec<u64>), Failure> {
    let counts = wanted.known.iter().map(|known| key(name, known.unit, &wanted.date));
    let keys = [format!("cnrp:{VERSION}:budget:{name}:awaited")].into_iter().chain(counts);
    let kept = |known: &Known| {
        let seconds = wanted.date.stretch(known.unit).end.saturating_sub(wanted.now).saturating_add(KEPT);
        seconds.max(1).saturating_mul(1000).to_string()
    };
    let each = |known: &Known| [known.spent.to_string(), known.most.to_string(), kept(known)];
    let arguments =
        [wanted.block.to_string(), AWAITED.to_owned()].into_iter().chain(wanted.known.iter().flat_map(each));
    let parts = run(tier, RESERVE, &keys.collect::<Vec<_>>(), &arguments.collect::<Vec<_>>()).await?;
    let numbers: Option<Vec<_>> = parts.iter().map(Part::number).collect();
    match numbers.as_deref() {
        Some([-1]) => {
            tier.note_fullness(true);
            return Err(Failure::new(Reason::Refused, "it takes nothing more"));
        }
        Some([-3]) => {
            return Err(Failure::new(
                Reason::Suspended,
                "it lost its counts, and gateways tell it theirs first",
            ));
        }
        _ => {}
    }
    numbers.and_then(|numbers| granted(&numbers, wanted)).ok_or_else(|| {
        tier.reject();
        Failure::new(Reason::Malformed, "what it has is no count")
    })
}

/// What was granted, if that is what was asked for: a block that leaves every count at its most or below;
/// and nothing only where one is there already, or it would be asked for again at once.
fn granted(numbers: &[i64], wanted: &Wanted) -> Option<(u64, Vec<u64>)> {
    let (block, totals) = numbers.split_first()?;
    let block = u64::try_from(*block).ok().filter(|block| *block <= wanted.block)?;
    let totals: Vec<u64> = totals.iter().map(|total| u64::try_from(*total)).collect::<Result<_, _>>().ok()?;
    if totals.len() != wanted.known.len() {
        return None;
    }
    let pairs = || wanted.known.iter().zip(&totals);
    let is_right = match block {
        0 => wanted.block == 0 || pairs().any(|(known, total)| *total >= known.most),
        _ => pairs().all(|(known, total)| *total >= known.spent + block && *total <= known.most),
    };
    is_right.then_some((block, totals))
}

/// Gives back in the store. What fails is lost: a limit may be kept too well.
async fn give_back(tier: &Tier, name: &str, rest: &Rest) {
    let keys: Vec<_> = rest.known.iter().map(|(unit, _)| key(name, *unit, &rest.date)).collect();
    let counts = rest.known.iter().map(|(_, known)| known.to_string());
    let arguments: Vec<_> = [rest.unsent.to_string()].into_iter().chain(counts).collect();
    if let Err(failure) = run(tier, GIVE_BACK, &keys, &arguments).await {
        tracing::warn!(backend = name, %failure, "what was reserved of the shared budget counts as spent");
    }
}

async fn run(tier: &Tier, script: &str, keys: &[String], arguments: &[String]) -> Result<Vec<Part>, Failure> {
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_bytes).collect();
    tier.run(script, &keys, &arguments).await
}

/// Where a count stands. A backend's name has neither colons nor blanks.
fn key(name: &str, unit: CalendarUnit, date: &Date) -> String {
    let Stretch { start, end } = date.stretch(unit);
    format!("cnrp:{VERSION}:budget:{name}:{}:{start}:{end}", unit.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        let day = Stretch { start: 86_400, end: 172_800 };
        let known = |unit, spent, most| Known { unit, spent, most };
        Wanted {
            date: Date { day, month: Stretch { start: 0, end: 2_678_400 } },
            now: 100_000,
            block: 3,
            known: vec![known(CalendarUnit::Day, 5, 10), known(CalendarUnit::Month, 8, 100)],
        }
    }

    #[test]
    fn a_count_is_named_by_backend_unit_and_its_time() {
        let named = |unit| key("brave", unit, &wanted().date);
        assert_eq!(named(CalendarUnit::Day), "cnrp:1:budget:brave:day:86400:172800");
        assert_eq!(named(CalendarUnit::Month), "cnrp:1:budget:brave:month:0:2678400");
    }

    #[test]
    fn a_store_grants_what_was_asked_for_or_is_not_believed() {
        let granted = |numbers: &[i64]| granted(numbers, &wanted()).map(|(block, _)| block);
        assert_eq!(granted(&[3, 8, 11]), Some(3));
        assert_eq!(granted(&[1, 10, 50]), Some(1), "others have spent meanwhile");
        assert_eq!(granted(&[0, 10, 50]), Some(0), "the day is spent");
        let lies: [&[i64]; 8] =
            [&[], &[3], &[3, 8], &[3, 8, 11, 1], &[4, 9, 12], &[3, 7, 11], &[3, 11, 11], &[0, 5, 8]];
        for lie in lies {
            assert_eq!(granted(lie), None, "{lie:?}");
        }
        assert_eq!(granted(&[-2]), None);
        assert_eq!(granted(&[3, -8, 11]), None);
    }
}
