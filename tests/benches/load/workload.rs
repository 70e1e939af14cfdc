//! What is asked: the operations for Accord, and the same questions for the hand-written handler.

use serde_json::{Value, json};

use crate::data::{self, ACCOUNT, ACCOUNTS, CAMPAIGN, CAMPAIGNS, LEAD, LEADS, STATUSES, USER, USERS};

pub struct Workload {
    pub name: &'static str,
    /// At most this many times the CPU of the hand-written handler; Q0: microseconds; at size: of p95.
    pub target: &'static str,
    /// Of a million opportunities, asked by one at a time: only with the word SCALE, on PostgreSQL.
    pub at_size: bool,
    pub query: &'static str,
    variables: fn(&mut Chance) -> Value,
}

pub const ALL: [Workload; 10] = [
    Workload { name: "q0", target: "40 us", at_size: false, query: "{ __typename }", variables: |_| json!({}) },
    Workload {
        name: "q1",
        target: "2.0 x",
        at_size: false,
        query: "query Lead($id: ID!) { lead(by: { id: $id }) { id firstName lastName email status score source createdAt } }",
        variables: |chance| json!({ "id": id("lead", LEAD, chance.lead()) }),
    },
    Workload {
        name: "q2",
        target: "1.6 x",
        at_size: false,
        query: "query Leads($status: LeadStatus!) { \
            leads(filter: { status: { eq: $status } }, orderBy: [{ field: SCORE, direction: DESC }], first: 50) { \
            nodes { id firstName lastName status score matchedAccount { name } owner { name } } } }",
        variables: |chance| json!({ "status": STATUSES[chance.below(6)] }),
    },
    Workload {
        name: "q3",
        target: "1.6 x",
        at_size: false,
        query: "query Accounts($after: DateTime!) { \
            accounts(filter: { createdAt: { gt: $after } }, orderBy: [{ field: CREATED_AT, direction: ASC }], first: 20) { \
            nodes { id name \
            opportunities(first: 5, orderBy: [{ field: CLOSE_DATE, direction: DESC }]) { \
            nodes { id name stageType amount { amount currency } closeDate } } \
            contacts(first: 5) { nodes { id firstName lastName email } } } } }",
        variables: |chance| {
            let after = 1_735_689_600 + 17 * 60 * chance.below(ACCOUNTS - 100) as i64;
            json!({ "after": chrono::DateTime::from_timestamp(after, 0) })
        },
    },
    Workload {
        name: "q4",
        target: "roll-up",
        at_size: false,
        query: "{ leadAggregate(groupBy: [{ field: CAMPAIGN }, { field: STATUS }]) { key { campaign { id } status } count } }",
        variables: |_| json!({}),
    },
    Workload {
        name: "m1",
        target: "1.6 x",
        at_size: false,
        query: "mutation New($input: LeadCreateInput!) { leadCreate(input: $input) { \
            lead { id firstName lastName email status score source createdAt } userErrors { code message } } }",
        variables: |chance| {
            let owner = id("user", USER, 1 + chance.below(USERS) as u64);
            let account = id("account", ACCOUNT, 1 + chance.below(ACCOUNTS) as u64);
            let campaign = id("campaign", CAMPAIGN, 1 + chance.below(CAMPAIGNS) as u64);
            let email = format!("n{}@x.example", chance.next());
            json!({ "input": { "firstName": "Ada", "lastName": "Lovelace", "email": email, "source": "web",
                "ownerId": owner, "matchedAccountId": account, "campaignId": campaign } })
        },
    },
    Workload {
        name: "s1",
        target: "500 ms",
        at_size: true,
        query: "query Report($period: PeriodInput!) { revenueReport(period: $period, target: \"100000000\") { \
            funnel { steps { step cohort { reached open } flow { entries } } } \
            waterfall { buckets { key count amount { amount } } } \
            forecast { won { amount } weighted { amount } parts { category count amount { amount } } } \
            revenue { value } revenueGrowth { value } winRate { value } pipelineCreated { value } velocity { value } \
            coverage { value } weightedCoverage { value } slaAttainment { value } responseTimeP50 { value } \
            responseTimeP90 { value } goals { status } sides { side owes commitments { kind kept outOf } } } }",
        variables: quarter,
    },
    Workload {
        name: "s2",
        target: "500 ms",
        at_size: true,
        query: "query Funnel($period: PeriodInput!) { funnel(period: $period) { \
            steps { step cohort { reached open } flow { entries } } } }",
        variables: quarter,
    },
    Workload {
        name: "s3",
        target: "500 ms",
        at_size: true,
        query: "query Waterfall($period: PeriodInput!) { pipelineWaterfall(period: $period) { \
            buckets { key count amount { amount } } } }",
        variables: quarter,
    },
    Workload {
        name: "s4",
        target: "500 ms",
        at_size: true,
        query: "query Credit($period: PeriodInput!, $models: [ID!]!) { \
            attributionReport(period: $period, models: $models, anchor: WON, groupBy: CAMPAIGN) { \
            rows { campaign { name } figures { amount { amount } deals influenced { count } sourced { count } } } } }",
        variables: |chance| {
            let mut asked = quarter(chance);
            asked["models"] = json!([1, 2].map(|model| id("agreement", data::AGREEMENT, model)));
            asked
        },
    },
];

/// A quarter of 2025 or of the first half of 2026.
fn quarter(chance: &mut Chance) -> Value {
    let edges = ["2025-01", "2025-04", "2025-07", "2025-10", "2026-01", "2026-04", "2026-07"];
    let first = chance.below(6);
    let edge = |at: usize| format!("{}-01T00:00:00Z", edges[at]);
    json!({ "period": { "start": edge(first), "end": edge(first + 1) } })
}

impl Workload {
    pub fn named(name: &str) -> &'static Self {
        ALL.iter().find(|w| w.name == name).expect("a workload")
    }

    /// The next request's body: for Accord a GraphQL request, for the handler the variables alone.
    pub fn body(&self, chance: &mut Chance, graphql: bool) -> String {
        let variables = (self.variables)(chance);
        if graphql { json!({ "query": self.query, "variables": variables }).to_string() } else { variables.to_string() }
    }
}

fn id(table: &str, number: u16, row: u64) -> String {
    format!("{table}_{}", data::id(number, row).simple())
}

/// Numbers without order, the same at every run (xorshift).
pub struct Chance {
    state: u64,
    /// Only leads that user 1 may see as a salesperson.
    pub own: bool,
}

impl Chance {
    pub fn new(seed: u64, own: bool) -> Self {
        Self { state: 0x9E37_79B9_7F4A_7C15 ^ seed, own }
    }

    pub fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    pub fn below(&mut self, end: impl TryInto<u64, Error: std::fmt::Debug>) -> usize {
        (self.next() % end.try_into().expect("a number")) as usize
    }

    fn lead(&mut self) -> u64 {
        loop {
            let lead = 1 + self.below(LEADS) as u64;
            if !self.own || data::owner(lead) <= 20 {
                return lead;
            }
        }
    }
}
