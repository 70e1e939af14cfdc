-- A company of some years: 1,000,000 leads and opportunities with their history, 5,000,000 touches, credit for every
-- sale by two models. PostgreSQL only, run once by the owner of the tables on an organisation that has people but no
-- such rows. Numbers look like chance and are the same at every run.
SET session_replication_role = replica; -- what refers to what is known here
SET maintenance_work_mem = '512MB';
SET work_mem = '256MB';

CREATE FUNCTION pg_temp.uid(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT ('01900000000070008' || lpad(to_hex(kind), 3, '0') || lpad(to_hex(n), 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.pick(n bigint, salt int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT (n * (2654435761 + salt * 200000006::bigint) % 4294967296 / 65536 % below)::int $$;

CREATE TEMP TABLE org AS SELECT id FROM organization LIMIT 1;
CREATE TEMP TABLE people AS
  SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, count(*) OVER () AS of_them FROM "user";

-- what an index costs row by row is saved
CREATE TEMP TABLE kept AS
  SELECT indexname, indexdef FROM pg_indexes
  WHERE schemaname = current_schema()
    AND tablename IN ('lead', 'lead_cycle', 'lead_status_change', 'opportunity', 'opportunity_state', 'stage_change',
                      'touchpoint', 'attribution_credit', 'attribution_day')
    AND indexname NOT LIKE '%\_pkey';
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT indexname FROM kept LOOP EXECUTE format('DROP INDEX %I', one.indexname); END LOOP;
END $$;

INSERT INTO pipeline (id, organization_id, created_at, updated_at, version, name, position, active)
SELECT pg_temp.uid(32, 1), id, now(), now(), 1, 'At size', 9, TRUE FROM org;
INSERT INTO stage (id, organization_id, created_at, updated_at, version, pipeline_id, name, position, stage_type,
                   probability, forecast_category)
SELECT pg_temp.uid(33, g), org.id, now(), now(), 1, pg_temp.uid(32, 1), 'Stage ' || g, g,
       CASE g WHEN 4 THEN 'WON' WHEN 5 THEN 'LOST' ELSE 'OPEN' END,
       CASE g WHEN 4 THEN 100 WHEN 5 THEN 0 ELSE g * 20 END,
       CASE g WHEN 3 THEN 'COMMIT' WHEN 4 THEN 'CLOSED' WHEN 5 THEN 'OMITTED' ELSE 'PIPELINE' END
FROM org, generate_series(1, 5) g;
INSERT INTO campaign (id, organization_id, created_at, updated_at, version, name, channel, status, custom, search_text)
SELECT pg_temp.uid(34, g), org.id, now(), now(), 1, 'Campaign of size ' || g,
       (ARRAY['EMAIL', 'EVENT', 'PAID_SEARCH', 'WEBINAR'])[1 + g % 4], 'ACTIVE', '{}', 'campaign of size ' || g
FROM org, generate_series(1, 200) g;
INSERT INTO account (id, organization_id, created_at, updated_at, version, name, industry, lifecycle, owner_id, custom,
                     search_text)
SELECT pg_temp.uid(35, g), org.id, now(), now(), 1, 'Account of size ' || g,
       (ARRAY['SaaS', 'Finance', 'Health', 'Retail', 'Energy'])[1 + pg_temp.pick(g, 1, 5)], 'PROSPECT', people.id, '{}',
       'account of size ' || g
FROM org, generate_series(1, 50000) g JOIN people ON people.n = pg_temp.pick(g, 2, people.of_them::int);

-- leads: one in fifty seconds from the middle of 2024 on
CREATE TEMP TABLE led AS
SELECT g, timestamptz '2024-06-01Z' + g * interval '75 seconds' AS born, pg_temp.pick(g, 3, 100) AS fate,
       pg_temp.pick(g, 4, 20) + 1 AS days
FROM generate_series(1, 1000000) g;
INSERT INTO lead (id, organization_id, created_at, updated_at, version, last_name, email, source, channel, campaign_id,
                  status, status_changed_at, owner_id, cycle_no, score, matched_account_id, converted_at,
                  converted_opportunity_id, custom, search_text)
SELECT pg_temp.uid(36, g), org.id, born, born, 1, 'Lead' || g, 'size' || g || '@acme' || g % 9973 || '.example',
       (ARRAY['web', 'referral', 'event', 'outbound'])[1 + pg_temp.pick(g, 5, 4)],
       (ARRAY['EMAIL', 'EVENT', 'PAID_SEARCH', 'WEBINAR'])[1 + pg_temp.pick(g, 6, 4)],
       pg_temp.uid(34, 1 + pg_temp.pick(g, 7, 200)),
       CASE WHEN fate < 40 THEN 'NEW' WHEN fate < 60 THEN 'MQL' WHEN fate < 75 THEN 'WORKING' WHEN fate < 85 THEN 'SQL'
            ELSE 'CONVERTED' END,
       born + days * interval '1 day', people.id, 1, pg_temp.pick(g, 8, 100), pg_temp.uid(35, 1 + pg_temp.pick(g, 9, 50000)),
       CASE WHEN fate >= 85 THEN born + days * interval '1 day' END,
       CASE WHEN fate >= 85 THEN pg_temp.uid(37, g) END, '{}', 'lead' || g || ' size' || g || '@acme'
FROM org, led JOIN people ON people.n = pg_temp.pick(g, 10, people.of_them::int);
INSERT INTO lead_cycle (id, organization_id, created_at, updated_at, version, lead_id, cycle_no, began_at, mql_at, sal_at,
                        sql_at, converted_at, ended_at)
SELECT pg_temp.uid(38, g), org.id, born, born, 1, pg_temp.uid(36, g), 1, born,
       CASE WHEN fate >= 40 THEN born + days * interval '6 hours' END,
       CASE WHEN fate >= 60 THEN born + days * interval '12 hours' END,
       CASE WHEN fate >= 75 THEN born + days * interval '18 hours' END,
       CASE WHEN fate >= 85 THEN born + days * interval '1 day' END,
       CASE WHEN fate >= 85 THEN born + days * interval '1 day' END
FROM org, led;
INSERT INTO lead_status_change (id, organization_id, created_at, updated_at, version, lead_id, cycle_no, from_status,
                                to_status, at)
SELECT pg_temp.uid(39, g * 8 + k), org.id, born, born, 1, pg_temp.uid(36, g), 1,
       CASE WHEN k > 1 THEN (ARRAY['NEW', 'MQL', 'ACCEPTED', 'SQL', 'CONVERTED'])[k - 1] END,
       (ARRAY['NEW', 'MQL', 'ACCEPTED', 'SQL', 'CONVERTED'])[k], born + (k - 1) * days * interval '6 hours'
FROM org, led, generate_series(1, 5) k WHERE fate >= (ARRAY[0, 40, 60, 75, 85])[k];

-- opportunities: created, moved on once or twice, nine in ten closed after one to four months
CREATE TEMP TABLE sold AS
SELECT g, timestamptz '2024-07-01Z' + g * interval '75 seconds' AS opened, pg_temp.pick(g, 11, 100) AS fate,
       30 + pg_temp.pick(g, 12, 90) AS days, 100000 + pg_temp.pick(g, 13, 65536) * 100::bigint AS worth,
       pg_temp.pick(g, 14, 200) AS seller
FROM generate_series(1, 1000000) g;
CREATE TEMP TABLE stood AS
SELECT g, k, opened + (ARRAY[0, days * 0.4, days])[k] * interval '1 day' AS at,
       CASE WHEN k < 3 AND opened + days * interval '1 day' < now() THEN
         opened + (ARRAY[days * 0.4, days, 0])[k] * interval '1 day' END AS until,
       CASE WHEN k = 3 THEN CASE WHEN fate < 45 THEN 4 ELSE 5 END ELSE k END AS stage,
       CASE WHEN k = 3 THEN CASE WHEN fate < 45 THEN 'WON' ELSE 'LOST' END ELSE 'OPEN' END AS kind,
       worth * CASE WHEN k = 1 THEN 1 WHEN fate % 3 = 0 THEN 2 ELSE 1 END AS worth,
       (opened + days * interval '1 day')::date AS closes, opened, days, fate, seller
FROM sold, generate_series(1, 3) k
WHERE opened + (ARRAY[0, days * 0.4, days])[k] * interval '1 day' < now();
UPDATE stood SET until = opened + days * 0.4 * interval '1 day'
WHERE k = 1 AND until IS NULL AND opened + days * 0.4 * interval '1 day' < now();
INSERT INTO opportunity_state (id, organization_id, created_at, updated_at, version, opportunity_id, at, until, initial,
                               pipeline_id, stage_id, stage_type, stage_changed_at, opp_type, amount_minor, currency,
                               close_date, forecast_category, loss_reason, owner_id, account_id, source_lead_id,
                               source_campaign_id, opened_at, closed_at, cycle_micros)
SELECT pg_temp.uid(40, g * 8 + k), org.id, at, at, 1, pg_temp.uid(37, g), at, until, k = 1, pg_temp.uid(32, 1),
       pg_temp.uid(33, stage), kind, at, 'NEW', stood.worth, 'EUR', closes,
       CASE kind WHEN 'WON' THEN 'CLOSED' WHEN 'LOST' THEN 'OMITTED' ELSE 'PIPELINE' END,
       CASE WHEN kind = 'LOST' THEN 'PRICE' END, people.id, pg_temp.uid(35, 1 + pg_temp.pick(g, 9, 50000)),
       CASE WHEN pg_temp.pick(g, 3, 100) >= 85 THEN pg_temp.uid(36, g) END,
       pg_temp.uid(34, 1 + pg_temp.pick(g, 7, 200)), opened, CASE WHEN kind <> 'OPEN' THEN at END,
       CASE WHEN kind <> 'OPEN' THEN days * 86400000000::bigint END
FROM org, stood JOIN people ON people.n = seller % people.of_them;
INSERT INTO opportunity (id, organization_id, created_at, updated_at, version, name, account_id, pipeline_id, stage_id,
                         stage_type, stage_changed_at, opp_type, amount_minor, currency, close_date, forecast_category,
                         owner_id, source_lead_id, source_campaign_id, loss_reason, opened_at, closed_at, custom,
                         search_text)
SELECT opportunity_id, organization_id, opened_at, at, 1, 'Opportunity ' || right(opportunity_id::text, 8), account_id,
       pipeline_id, stage_id, stage_type, at, opp_type, amount_minor, currency, close_date, forecast_category, owner_id,
       source_lead_id, source_campaign_id, loss_reason, opened_at, closed_at, '{}',
       'opportunity ' || right(opportunity_id::text, 8)
FROM opportunity_state WHERE until IS NULL;
INSERT INTO stage_change (id, organization_id, created_at, updated_at, version, opportunity_id, from_stage_id, to_stage_id,
                          at, amount_before_minor, amount_after_minor, currency, close_date_before, close_date_after,
                          category_before, category_after, regressed)
SELECT pg_temp.uid(41, g * 8 + k), org.id, at, at, 1, pg_temp.uid(37, g), CASE WHEN k > 1 THEN pg_temp.uid(33, k - 1) END,
       pg_temp.uid(33, stage), at, CASE WHEN k > 1 THEN worth END, worth, 'EUR', closes, closes,
       CASE WHEN k > 1 THEN 'PIPELINE' END,
       CASE kind WHEN 'WON' THEN 'CLOSED' WHEN 'LOST' THEN 'OMITTED' ELSE 'PIPELINE' END, FALSE
FROM org, stood;

-- five touches for each lead in the two months before it came
INSERT INTO touchpoint (id, organization_id, created_at, updated_at, version, kind, channel, occurred_at, lead_id,
                        account_id, campaign_id, utm_source, utm_content, not_marketing)
SELECT pg_temp.uid(42, g * 8 + k), org.id, born, born, 1, 'WEB_VISIT',
       (ARRAY['EMAIL', 'EVENT', 'PAID_SEARCH', 'WEBINAR'])[1 + pg_temp.pick(g * 8 + k, 15, 4)],
       born - (k * 11 + pg_temp.pick(g * 8 + k, 16, 10)) * interval '1 day', pg_temp.uid(36, g),
       pg_temp.uid(35, 1 + pg_temp.pick(g, 9, 50000)), pg_temp.uid(34, 1 + pg_temp.pick(g * 8 + k, 17, 200)),
       (ARRAY['google', 'newsletter', 'partner'])[1 + pg_temp.pick(g * 8 + k, 18, 3)],
       'piece-' || pg_temp.pick(g * 8 + k, 19, 40), FALSE
FROM org, led, generate_series(1, 5) k;

-- two models in force, and what they give: a fifth of each opportunity to five touches, all of it to the first
INSERT INTO agreement (id, organization_id, created_at, updated_at, version, kind, key, title, search_text)
SELECT pg_temp.uid(43, g), org.id, now(), now(), 1, 'ATTRIBUTION', 'size-' || g, 'Size ' || g, 'size-' || g
FROM org, generate_series(1, 2) g;
INSERT INTO agreement_version (id, organization_id, created_at, updated_at, version, agreement_id, number, status, body,
                               hash, effective_from, proposed_at, ratified_at, activated_at, solo, tie_broken)
SELECT pg_temp.uid(44, g), org.id, t.at, t.at, 1, pg_temp.uid(43, g), 1, 'ACTIVE',
       jsonb_build_object('attribution', jsonb_build_object('model', (ARRAY['LINEAR', 'FIRST'])[g], 'lookBackDays', 365,
                                                            'dedupeMinutes', 30)),
       'size', t.at, t.at, t.at, t.at, FALSE, FALSE
FROM org, generate_series(1, 2) g, (SELECT timestamptz '2024-06-01Z' AS at) t;
INSERT INTO attribution_credit (id, organization_id, created_at, updated_at, version, opportunity_id, agreement_version_id,
                                anchor, touchpoint_id, adjusts, counts_at, counts_on, presence, weight_e12, amount_minor,
                                currency, home_minor, home_currency, deal_minor, deal_home_minor, channel, campaign_id,
                                source, content, sourcing)
SELECT pg_temp.uid(45 + m, (g * 2 + (kind = 'WON')::int) * 8 + k), org.id, at, at, 1, pg_temp.uid(37, g), pg_temp.uid(44, m),
       CASE kind WHEN 'WON' THEN 'WON' ELSE 'OPP_CREATED' END, pg_temp.uid(42, g * 8 + k), FALSE, at, at::date, 1,
       CASE WHEN m = 1 THEN 200000000000 WHEN k = 5 THEN 1000000000000 ELSE 0 END,
       CASE WHEN m = 1 THEN worth / 5 WHEN k = 5 THEN worth ELSE 0 END, 'EUR',
       CASE WHEN m = 1 THEN worth / 5 WHEN k = 5 THEN worth ELSE 0 END, 'EUR', worth, worth,
       (ARRAY['EMAIL', 'EVENT', 'PAID_SEARCH', 'WEBINAR'])[1 + pg_temp.pick(g * 8 + k, 15, 4)],
       pg_temp.uid(34, 1 + pg_temp.pick(g * 8 + k, 17, 200)),
       (ARRAY['google', 'newsletter', 'partner'])[1 + pg_temp.pick(g * 8 + k, 18, 3)],
       'piece-' || pg_temp.pick(g * 8 + k, 19, 40), k = 5
FROM org, (SELECT g, kind, stood.k AS step, at, worth FROM stood) s, generate_series(1, 5) k, generate_series(1, 2) m
WHERE pg_temp.pick(g, 3, 100) >= 85 AND (step = 1 OR kind = 'WON');
INSERT INTO attribution_day (id, organization_id, created_at, updated_at, version, agreement_version_id, anchor, grouping,
                             day, part, adjusts, currency, converted, amount, weight_e12, sales, earning, influenced,
                             influenced_amount, sourced, sourced_amount)
SELECT gen_random_uuid(), (SELECT id FROM org), now(), now(), 1, agreement_version_id, anchor, grouping, counts_on, part, FALSE,
       'EUR', TRUE, sum(amount), sum(weight), count(*), count(*) FILTER (WHERE weight > 0), count(*), sum(deal),
       count(*) FILTER (WHERE sourcing), coalesce(sum(deal) FILTER (WHERE sourcing), 0)
FROM (SELECT agreement_version_id, anchor, counts_on, opportunity_id, v.grouping, v.part, sum(amount_minor) AS amount,
             sum(weight_e12) AS weight, max(deal_minor) AS deal, bool_or(sourcing) AS sourcing
      FROM attribution_credit,
           LATERAL (VALUES ('ALL', ''), ('CHANNEL', ':' || channel), ('CAMPAIGN', ':' || replace(campaign_id::text, '-', '')),
                           ('SOURCE', ':' || source), ('CONTENT', ':' || content)) v(grouping, part)
      GROUP BY 1, 2, 3, 4, 5, 6) one
GROUP BY agreement_version_id, anchor, grouping, counts_on, part;

DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT indexdef FROM kept LOOP EXECUTE one.indexdef; END LOOP;
END $$;
