// Everything that the page asks. Each text stands by itself: a test holds all of them against the schema.

export const SIGN_IN = `mutation SignIn($input: SessionCreateInput!) {
  sessionCreate(input: $input) { session { accessToken refreshToken expiresAt } userErrors { code message } }
}`;

export const REFRESH = `mutation Refresh($input: SessionRefreshInput!) {
  sessionRefresh(input: $input) { session { accessToken refreshToken expiresAt } userErrors { code message } }
}`;

export const SIGN_OUT = `mutation SignOut($input: SessionRevokeInput!) {
  sessionRevoke(input: $input) { session { id } userErrors { code message } }
}`;

export const WHO = `query Who {
  viewer {
    user { id name }
    organization { name timeZone fiscalYearStartMonth }
    session { id }
  }
  dashboards(first: 50, orderBy: [{ field: NAME }]) { nodes { id name } }
}`;

export const REPORT = `query Report($period: PeriodInput!) {
  revenueReport(period: $period, onMissingRate: BUCKET) {
    asOf currency
    revenue { ...Value unconverted { amount { amount currency } count } }
    revenueGrowth { ...Value }
    winRate { ...Value }
    pipelineCreated { ...Value }
    coverage { ...Value }
    weightedCoverage { ...Value }
    velocity { ...Value }
    slaAttainment { ...Value }
    responseTimeP50 { ...Value }
    responseTimeP90 { ...Value }
    funnel { ...Steps }
    waterfall { ...Moves }
    forecast { ...Parts }
    goals { ...Pace }
    sides { side owes commitments { kind leadStatus span promised promisedShare kept outOf share owed withheld } }
  }
  goals(first: 100, orderBy: [{ field: PERIOD_END, direction: DESC }]) { nodes { id agreement { title } } }
}
fragment Value on MetricResult { metric { key unit } value n withheld targetMet currency }
fragment Steps on Funnel {
  from
  steps { step cohort { reached open ofStepBefore { value } ofCohort { value } } flow { entries } }
}
fragment Moves on PipelineWaterfall { from to currency buckets { key sign amount { amount currency } count withheld } }
fragment Parts on PipelineForecast {
  currency won { amount currency } wonCount weighted { amount currency }
  parts { category count amount { amount currency } cumulative { amount currency } submitted { amount currency } }
}
fragment Pace on GoalProgress {
  goalId metric unit currency day daysLeft baseline target stretch actual progress expectedFraction expected paceRatio
  projected requiredPerDay status withheld
}`;

export const BOARD = `query Board($id: ID!) {
  dashboardData(id: $id) {
    asOf
    dashboard { id name description sharing owner { name } }
    widgets {
      key title draw width start end
      metric {
        metric { key unit } value n withheld targetMet currency unconverted { amount { amount currency } count }
        groups { key { dimension word id name } value n withheld }
      }
      points { start end result { metric { key unit } value withheld currency } }
      funnel { from steps { step cohort { reached open ofStepBefore { value } ofCohort { value } } flow { entries } } }
      waterfall { from to currency buckets { key sign amount { amount currency } count withheld } }
      forecast {
        currency won { amount currency } wonCount weighted { amount currency }
        parts { category count amount { amount currency } cumulative { amount currency } submitted { amount currency } }
      }
      goal {
        goalId metric unit currency day daysLeft baseline target stretch actual progress expectedFraction expected
        paceRatio projected requiredPerDay status withheld
      }
      error { code userErrorCode message }
    }
  }
  goals(first: 100, orderBy: [{ field: PERIOD_END, direction: DESC }]) { nodes { id agreement { title } } }
}`;

export const CHANGED = `subscription Changed($id: ID!) { dashboardChanged(id: $id) { at what } }`;
