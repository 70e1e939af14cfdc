//! From what components pay to what a person is paid: caps, the guarantee, draws, adjustments, what is taken back. Pure.

use entity::{
    id::UserId,
    money::{divide_half_even, split_largest_remainder},
};

use super::{
    input::{Due, DueReason},
    plan::{Participant, Plan, WHOLE},
    result::{Because, Line, LineKind, PayError, Statement},
};

type Result<T> = std::result::Result<T, PayError>;

/// What a person's lines sum to.
pub fn sum(lines: &[Line]) -> Result<i64> {
    let sum = lines.iter().map(|line| i128::from(line.amount)).sum::<i128>();
    i64::try_from(sum).map_err(|_| PayError::TooLarge)
}

fn forfeit(lines: &mut Vec<Line>, component: Option<usize>, because: Because, amount: i64) {
    if amount > 0 {
        let line = Line::new(LineKind::Forfeited, -amount);
        lines.push(Line { component, because: Some(because), ..line });
    }
}

/// What each component pays one person beyond its cap is forfeited.
pub fn cap_components(plan: &Plan, lines: &mut Vec<Line>) {
    let mut over = Vec::new();
    for line in lines.iter_mut() {
        let cap = line.component.and_then(|at| plan.components.get(at)).and_then(|component| component.cap);
        let beyond = cap.map_or(0, |cap| (line.amount - cap).max(0));
        if beyond > 0 {
            line.forfeited = beyond;
            over.push((line.component, beyond));
        }
    }
    for (component, beyond) in over {
        forfeit(lines, component, Because::ComponentCap, beyond);
    }
}

/// What all are paid beyond the plan's cap is forfeited, by each as much of it as he has of the whole, to the last cent.
pub fn cap_plan(plan: &Plan, all: &mut [Vec<Line>]) -> Result<()> {
    let Some(cap) = plan.plan_cap else { return Ok(()) };
    let earned = all.iter().map(|lines| sum(lines)).collect::<Result<Vec<_>>>()?;
    if earned.iter().map(|earned| i128::from(*earned)).sum::<i128>() <= i128::from(cap) {
        return Ok(());
    }
    let weights: Vec<u64> = earned.iter().map(|earned| u64::try_from(*earned).unwrap_or(0)).collect();
    let left = split_largest_remainder(cap, &weights);
    for ((lines, earned), left) in all.iter_mut().zip(earned).zip(left) {
        forfeit(lines, None, Because::PlanCap, earned - left);
    }
    Ok(())
}

/// What one is paid beyond the cap of a person is forfeited; then the guarantee is filled up.
pub fn cap_person(plan: &Plan, who: &Participant, lines: &mut Vec<Line>) -> Result<()> {
    let earned = sum(lines)?;
    forfeit(lines, None, Because::PersonCap, plan.person_cap.map_or(0, |cap| earned - cap));
    let missing = who.guarantee.unwrap_or(0) - sum(lines)?;
    if missing > 0 {
        lines.push(Line::new(LineKind::Guarantee, missing));
    }
    Ok(())
}

/// What was drawn and not earned is paid, and owed if it is recoverable; what is owed is kept of what is earned beyond the draw
/// and the guarantee. What is owed afterwards.
pub fn draw(who: &Participant, owed: i64, lines: &mut Vec<Line>) -> Result<i64> {
    let earned = sum(lines)?;
    let drawn = who.draw.map_or(0, |draw| draw.amount);
    let missing = (drawn - earned).max(0);
    if missing > 0 {
        lines.push(Line::new(LineKind::Draw, missing));
        let more = if who.draw.is_some_and(|draw| draw.recoverable) { missing } else { 0 };
        return owed.checked_add(more).ok_or(PayError::TooLarge);
    }
    let kept = owed.min(earned - drawn.max(who.guarantee.unwrap_or(0))).max(0);
    if kept > 0 {
        lines.push(Line::new(LineKind::Draw, -kept));
    }
    Ok(owed - kept)
}

/// Whether no more of it is taken than the plan lets be deducted: what is taken back.
pub fn limited(due: &Due) -> bool {
    due.amount < 0 && matches!(due.reason, DueReason::Clawback | DueReason::CarryForward)
}

/// Adjustments, then what is taken back: no more of it than the plan lets be deducted of what would be paid otherwise.
pub fn adjust(plan: &Plan, user: UserId, due: &[Due], mut lines: Vec<Line>, owed: i64) -> Result<Statement> {
    for due in due.iter().filter(|due| !limited(due)) {
        lines.push(Line { due: Some(due.id), ..Line::new(LineKind::Adjustment, due.amount) });
    }
    let payable = i128::from(sum(&lines)?.max(0)) * i128::from(plan.clawback.most_deducted);
    let mut room = i64::try_from(divide_half_even(payable, WHOLE.into())).map_err(|_| PayError::TooLarge)?;
    let mut carried = 0_i64;
    for due in due.iter().filter(|due| limited(due)) {
        let wanted = due.amount.checked_neg().ok_or(PayError::TooLarge)?;
        let taken = wanted.min(room);
        room -= taken;
        carried = carried.checked_add(wanted - taken).ok_or(PayError::TooLarge)?;
        let line = Line::new(LineKind::Clawback, -taken);
        lines.push(Line { uncapped: due.amount, due: Some(due.id), ..line });
    }
    let total = sum(&lines)?;
    Ok(Statement { user, lines, total, owed, carried })
}
