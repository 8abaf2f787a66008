//! How far a mean over questions may be from the truth: the bootstrap (Efron 1979).

/// Samples drawn, each as large as the whole.
const SAMPLES: usize = 4000;

/// A mean and the bounds between which it lies 95 times of 100.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interval {
    pub(crate) mean: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// The mean of `values` with its bootstrap interval; the same values always give the same.
pub(crate) fn interval(values: &[f64]) -> Interval {
    let mean = |sum: f64| sum / u32::try_from(values.len()).map_or(f64::MAX, f64::from).max(1.0);
    let mut chance = Chance(3367);
    let draw = |_| {
        let drawn = (0..values.len()).filter_map(|_| values.get(chance.below(values.len())));
        mean(drawn.sum())
    };
    let mut means: Vec<f64> = (0..SAMPLES).map(draw).collect();
    means.sort_by(f64::total_cmp);
    let at = |place: usize| means.get(place).copied().unwrap_or_default();
    Interval { mean: mean(values.iter().sum()), low: at(SAMPLES / 40), high: at(SAMPLES - SAMPLES / 40 - 1) }
}

/// Numbers that look drawn at random (`SplitMix64`, Steele, Lea and Flood 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; as good as even where `end` is far below 2^64.
    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or_default()
    }
}
