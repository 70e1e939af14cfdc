//! Campaigns, their members and costs.
