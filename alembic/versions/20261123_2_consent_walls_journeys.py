"""Consents in full, walls, the journal's seals, and all that a journey holds."""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "20261123_2"
down_revision = "d4b25a744909"
branch_labels = None
depends_on = None

# SQLite cannot change a constraint: each of these tables is made anew, filled, and given its name.
# (table, its words, its columns, their values, its indexes)
REBUILT: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    (
        "audit_entry",
        """CREATE TABLE audit_entry (
    seq BIGINT NOT NULL,
    at DATETIME NOT NULL,
    entry VARCHAR NOT NULL,
    previous VARCHAR(64) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    CONSTRAINT pk_audit_entry PRIMARY KEY (seq)
    )""",
        '"seq", "at", "entry", "previous", "hash"',
        '"seq", "at", "entry", "previous", "hash"',
        (),
    ),
    (
        "consent",
        """CREATE TABLE consent (
    id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    person_id CHAR(32) NOT NULL,
    agency_id CHAR(32) NOT NULL,
    purpose VARCHAR(40) NOT NULL,
    regime VARCHAR(40) NOT NULL,
    expressed_by VARCHAR NOT NULL,
    expressed_name VARCHAR NOT NULL,
    notice_version VARCHAR NOT NULL,
    notice_sha256 VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    assisted_by VARCHAR NOT NULL,
    CONSTRAINT pk_consent PRIMARY KEY (id),
    CONSTRAINT fk_consent_person_id FOREIGN KEY(person_id) REFERENCES person (id),
    CONSTRAINT fk_consent_agency_id FOREIGN KEY(agency_id) REFERENCES agency (id),
    CONSTRAINT ck_consent_purpose CHECK (purpose IN ('committee', 'referral', 'follow_up')),
    CONSTRAINT ck_consent_regime CHECK (regime IN ('accord', 'information'))
    )""",
        '"id", "created_at", "person_id", "agency_id", "purpose", "regime", "expressed_by", "expressed_name", "notice_version", "notice_sha256", "language", "format", "assisted_by"',
        '"id", "created_at", "person_id", "agency_id", "purpose", "regime", "expressed_by", "expressed_name", "notice_version", "notice_sha256", "language", "format", \'\'',
        ("CREATE INDEX ix_consent_person_id ON consent (person_id)",),
    ),
    (
        "contact",
        """CREATE TABLE contact (
    id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    journey_id CHAR(32) NOT NULL,
    agency_id CHAR(32) NOT NULL,
    professional_id CHAR(32),
    on_day DATE NOT NULL,
    channel VARCHAR(40) NOT NULL,
    with_person BOOLEAN NOT NULL,
    with_employer BOOLEAN NOT NULL,
    presence VARCHAR(40) NOT NULL,
    note VARCHAR NOT NULL,
    CONSTRAINT pk_contact PRIMARY KEY (id),
    CONSTRAINT fk_contact_journey_id FOREIGN KEY(journey_id) REFERENCES journey (id),
    CONSTRAINT fk_contact_agency_id FOREIGN KEY(agency_id) REFERENCES agency (id),
    CONSTRAINT fk_contact_professional_id FOREIGN KEY(professional_id) REFERENCES professional (id),
    CONSTRAINT ck_contact_channel CHECK (channel IN ('meeting', 'phone', 'sms', 'email', 'video', 'group', 'home')),
    CONSTRAINT ck_contact_presence CHECK (presence IN ('present', 'excused', 'absent'))
    )""",
        '"id", "created_at", "journey_id", "agency_id", "professional_id", "on_day", "channel", "with_person", "with_employer", "presence", "note"',
        '"id", "created_at", "journey_id", "agency_id", "professional_id", "on_day", "channel", "with_person", 0, "presence", "note"',
        ("CREATE INDEX ix_contact_journey_on ON contact (journey_id, on_day)",),
    ),
    (
        "import_run",
        """CREATE TABLE import_run (
    id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    agency_id CHAR(32) NOT NULL,
    professional_id CHAR(32),
    file_id CHAR(32),
    rows_id CHAR(32),
    file_name VARCHAR NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    state VARCHAR(40) NOT NULL,
    columns JSON NOT NULL,
    programme_id CHAR(32),
    entered_on DATE,
    planned_end_on DATE,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    said VARCHAR NOT NULL,
    confirmed_at DATETIME,
    undone_at DATETIME,
    report JSON NOT NULL,
    CONSTRAINT pk_import_run PRIMARY KEY (id),
    CONSTRAINT fk_import_run_agency_id FOREIGN KEY(agency_id) REFERENCES agency (id),
    CONSTRAINT fk_import_run_professional_id FOREIGN KEY(professional_id) REFERENCES professional (id),
    CONSTRAINT fk_import_run_file_id FOREIGN KEY(file_id) REFERENCES file (id),
    CONSTRAINT fk_import_run_rows_id FOREIGN KEY(rows_id) REFERENCES file (id),
    CONSTRAINT ck_import_run_import_state CHECK (state IN ('columns', 'reading', 'ready', 'writing', 'done', 'undoing', 'undone')),
    CONSTRAINT fk_import_run_programme_id FOREIGN KEY(programme_id) REFERENCES programme (id)
    )""",
        '"id", "created_at", "agency_id", "professional_id", "file_id", "rows_id", "file_name", "sha256", "state", "columns", "programme_id", "entered_on", "planned_end_on", "done", "total", "said", "confirmed_at", "undone_at", "report"',
        '"id", "created_at", "agency_id", "professional_id", "file_id", NULL, "file_name", "sha256", \'columns\', \'[]\', "programme_id", "entered_on", "planned_end_on", 0, 0, \'\', "confirmed_at", NULL, "report"',
        ("CREATE INDEX ix_import_run_agency_id ON import_run (agency_id)",),
    ),
    (
        "need",
        """CREATE TABLE need (
    id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    person_id CHAR(32) NOT NULL,
    journey_id CHAR(32) NOT NULL,
    agency_id CHAR(32) NOT NULL,
    category VARCHAR(40) NOT NULL,
    code VARCHAR NOT NULL,
    label VARCHAR NOT NULL,
    since_on DATE NOT NULL,
    settled_on DATE,
    situation VARCHAR NOT NULL,
    objective VARCHAR NOT NULL,
    service VARCHAR NOT NULL,
    mobilised_on DATE,
    origin VARCHAR NOT NULL,
    CONSTRAINT pk_need PRIMARY KEY (id),
    CONSTRAINT fk_need_person_id FOREIGN KEY(person_id) REFERENCES person (id),
    CONSTRAINT fk_need_journey_id FOREIGN KEY(journey_id) REFERENCES journey (id),
    CONSTRAINT fk_need_agency_id FOREIGN KEY(agency_id) REFERENCES agency (id),
    CONSTRAINT ck_need_category CHECK (category IN ('identity', 'resources', 'training', 'employment', 'mobility', 'housing', 'family', 'language', 'digital', 'health', 'steps', 'notes', 'documents'))
    )""",
        '"id", "created_at", "person_id", "journey_id", "agency_id", "category", "code", "label", "since_on", "settled_on", "situation", "objective", "service", "mobilised_on", "origin"',
        '"id", "created_at", "person_id", "journey_id", "agency_id", "category", "code", "label", "since_on", "settled_on", \'\', \'\', "service", NULL, "origin"',
        (
            "CREATE INDEX ix_need_journey_id ON need (journey_id)",
            "CREATE INDEX ix_need_person_id ON need (person_id)",
        ),
    ),
    (
        "person",
        """CREATE TABLE person (
    id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    agency_id CHAR(32) NOT NULL,
    reference VARCHAR(12) NOT NULL,
    human_hash VARCHAR(64),
    salt VARCHAR(32) NOT NULL,
    restricted BOOLEAN NOT NULL,
    sharing_version INTEGER NOT NULL,
    erased_at DATETIME,
    merged_into_id CHAR(32),
    version INTEGER NOT NULL,
    CONSTRAINT pk_person PRIMARY KEY (id),
    CONSTRAINT fk_person_agency_id FOREIGN KEY(agency_id) REFERENCES agency (id),
    CONSTRAINT uq_person_reference UNIQUE (reference),
    CONSTRAINT fk_person_merged_into_id FOREIGN KEY(merged_into_id) REFERENCES person (id)
    )""",
        '"id", "created_at", "agency_id", "reference", "human_hash", "salt", "restricted", "sharing_version", "erased_at", "merged_into_id", "version"',
        '"id", "created_at", "agency_id", "reference", "human_hash", "salt", "restricted", "sharing_version", "erased_at", NULL, "version"',
        (
            "CREATE INDEX ix_person_agency_id ON person (agency_id)",
            "CREATE INDEX ix_person_human_hash ON person (human_hash)",
            "CREATE INDEX ix_person_merged_into_id ON person (merged_into_id)",
        ),
    ),
    (
        "programme_rule",
        """CREATE TABLE programme_rule (
    id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    programme_id CHAR(32) NOT NULL,
    from_on DATE NOT NULL,
    until_on DATE,
    max_duration_months INTEGER,
    max_duration_weeks INTEGER,
    fixed_duration BOOLEAN,
    suspension_allowed BOOLEAN,
    suspension_max_months INTEGER,
    interstitial_max_months INTEGER,
    contact_every_days INTEGER,
    block_weeks INTEGER,
    block_renewals INTEGER,
    caseload_active_max INTEGER,
    caseload_total_max INTEGER,
    commitment VARCHAR(40),
    commitment_within_days INTEGER,
    deferred_exit_weeks INTEGER,
    reentry_months INTEGER,
    pay_must_be_continuous BOOLEAN,
    more JSON NOT NULL,
    professional_id CHAR(32),
    note VARCHAR NOT NULL,
    CONSTRAINT pk_programme_rule PRIMARY KEY (id),
    CONSTRAINT ck_programme_rule_dates_in_order CHECK (until_on IS NULL OR until_on >= from_on),
    CONSTRAINT fk_programme_rule_programme_id FOREIGN KEY(programme_id) REFERENCES programme (id),
    CONSTRAINT ck_programme_rule_programme_commitment CHECK (commitment IN ('signed_before_entry', 'moral', 'none')),
    CONSTRAINT fk_programme_rule_professional_id FOREIGN KEY(professional_id) REFERENCES professional (id)
    )""",
        '"id", "created_at", "programme_id", "from_on", "until_on", "max_duration_months", "max_duration_weeks", "fixed_duration", "suspension_allowed", "suspension_max_months", "interstitial_max_months", "contact_every_days", "block_weeks", "block_renewals", "caseload_active_max", "caseload_total_max", "commitment", "commitment_within_days", "deferred_exit_weeks", "reentry_months", "pay_must_be_continuous", "more", "professional_id", "note"',
        '"id", "created_at", "programme_id", "from_on", "until_on", "max_duration_months", NULL, NULL, NULL, "suspension_max_months", "interstitial_max_months", "contact_every_days", "block_weeks", "block_renewals", NULL, NULL, NULL, NULL, NULL, NULL, NULL, "more", NULL, \'\'',
        (
            "CREATE UNIQUE INDEX ix_programme_rule_programme_from ON programme_rule (programme_id, from_on)",
        ),
    ),
    (
        "referent",
        """CREATE TABLE referent (
    id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    journey_id CHAR(32) NOT NULL,
    professional_id CHAR(32) NOT NULL,
    role VARCHAR(40) NOT NULL,
    label VARCHAR NOT NULL,
    chosen_by_person BOOLEAN NOT NULL,
    from_on DATE NOT NULL,
    until_on DATE,
    CONSTRAINT pk_referent PRIMARY KEY (id),
    CONSTRAINT fk_referent_journey_id FOREIGN KEY(journey_id) REFERENCES journey (id),
    CONSTRAINT fk_referent_professional_id FOREIGN KEY(professional_id) REFERENCES professional (id),
    CONSTRAINT ck_referent_referent_role CHECK (role IN ('referent', 'trainer', 'social', 'employer_link', 'coach', 'mentor'))
    )""",
        '"id", "created_at", "journey_id", "professional_id", "role", "label", "chosen_by_person", "from_on", "until_on"',
        '"id", "created_at", "journey_id", "professional_id", "role", \'\', 0, "from_on", "until_on"',
        (
            "CREATE INDEX ix_referent_journey_id ON referent (journey_id)",
            "CREATE INDEX ix_referent_professional_id ON referent (professional_id)",
        ),
    ),
    (
        "signal",
        """CREATE TABLE signal (
    id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    journey_id CHAR(32) NOT NULL,
    person_id CHAR(32) NOT NULL,
    agency_id CHAR(32) NOT NULL,
    code VARCHAR(40) NOT NULL,
    subject_id CHAR(32) NOT NULL,
    since_on DATE NOT NULL,
    severity INTEGER NOT NULL,
    weight FLOAT NOT NULL,
    score FLOAT NOT NULL,
    sentence VARCHAR NOT NULL,
    state VARCHAR(40) NOT NULL,
    dismissed_until DATE,
    reason VARCHAR NOT NULL,
    professional_id CHAR(32),
    ended_at DATETIME,
    CONSTRAINT pk_signal PRIMARY KEY (id),
    CONSTRAINT fk_signal_journey_id FOREIGN KEY(journey_id) REFERENCES journey (id),
    CONSTRAINT fk_signal_person_id FOREIGN KEY(person_id) REFERENCES person (id),
    CONSTRAINT fk_signal_agency_id FOREIGN KEY(agency_id) REFERENCES agency (id),
    CONSTRAINT ck_signal_signal_code CHECK (code IN ('duree_excessive', 'fin_sans_suite', 'attente_entre_etapes', 'entree_lointaine', 'suspension_longue', 'reprise_depassee', 'sans_contact', 'absences_repetees', 'renouvellement_a_decider', 'suivi_apres_sortie_du', 'sortie_a_confirmer', 'retour_possible', 'frein_sans_solution', 'prerequis_manquant', 'changement_de_statut', 'engagement_non_signe', 'referent_absent', 'orientation_sans_reponse', 'orientation_refusee', 'orientation_expiree', 'orientation_echouee', 'suite_en_retard', 'accord_expirant', 'accord_a_recueillir', 'demande_examen')),
    CONSTRAINT ck_signal_signal_state CHECK (state IN ('raised', 'on_agenda', 'treated', 'dismissed')),
    CONSTRAINT fk_signal_professional_id FOREIGN KEY(professional_id) REFERENCES professional (id)
    )""",
        '"id", "created_at", "journey_id", "person_id", "agency_id", "code", "subject_id", "since_on", "severity", "weight", "score", "sentence", "state", "dismissed_until", "reason", "professional_id", "ended_at"',
        '"id", "created_at", "journey_id", "person_id", "agency_id", "code", "subject_id", "since_on", "severity", 0.0, "score", "sentence", "state", "dismissed_until", "reason", "professional_id", "ended_at"',
        (
            "CREATE INDEX ix_signal_agency_id ON signal (agency_id)",
            "CREATE INDEX ix_signal_journey_ended ON signal (journey_id, ended_at)",
            "CREATE UNIQUE INDEX ix_signal_one_live ON signal (code, subject_id) WHERE ended_at IS NULL",
        ),
    ),
    (
        "step",
        """CREATE TABLE step (
    id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    journey_id CHAR(32) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    label VARCHAR NOT NULL,
    track VARCHAR NOT NULL,
    module VARCHAR NOT NULL,
    agency_id CHAR(32),
    programme_id CHAR(32),
    planned_from DATE,
    planned_until DATE,
    from_on DATE,
    until_on DATE,
    supported_meanwhile BOOLEAN NOT NULL,
    CONSTRAINT pk_step PRIMARY KEY (id),
    CONSTRAINT fk_step_journey_id FOREIGN KEY(journey_id) REFERENCES journey (id),
    CONSTRAINT ck_step_step_kind CHECK (kind IN ('diagnostic', 'remobilisation', 'skills', 'immersion', 'qualification', 'job', 'post_exit', 'support')),
    CONSTRAINT fk_step_agency_id FOREIGN KEY(agency_id) REFERENCES agency (id),
    CONSTRAINT fk_step_programme_id FOREIGN KEY(programme_id) REFERENCES programme (id)
    )""",
        '"id", "created_at", "journey_id", "kind", "label", "track", "module", "agency_id", "programme_id", "planned_from", "planned_until", "from_on", "until_on", "supported_meanwhile"',
        '"id", "created_at", "journey_id", "kind", "label", \'\', \'\', NULL, NULL, "planned_from", "planned_until", "from_on", "until_on", "supported_meanwhile"',
        ("CREATE INDEX ix_step_journey_id ON step (journey_id)",),
    ),
    (
        "link",
        """CREATE TABLE link (
    id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    token_hash VARCHAR(64) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    professional_id CHAR(32),
    agency_id CHAR(32),
    about_id CHAR(32),
    expires_at DATETIME NOT NULL,
    used_at DATETIME,
    revoked_at DATETIME,
    opened INTEGER NOT NULL,
    CONSTRAINT pk_link PRIMARY KEY (id),
    CONSTRAINT uq_link_token_hash UNIQUE (token_hash),
    CONSTRAINT ck_link_link_kind CHECK (kind IN ('sign_in', 'referral', 'person', 'recall', 'follow_up', 'calendar')),
    CONSTRAINT fk_link_professional_id FOREIGN KEY(professional_id) REFERENCES professional (id),
    CONSTRAINT fk_link_agency_id FOREIGN KEY(agency_id) REFERENCES agency (id)
    )""",
        '"id", "created_at", "token_hash", "kind", "professional_id", "agency_id", "about_id", "expires_at", "used_at", "revoked_at", "opened"',
        '"id", "created_at", "token_hash", "kind", "professional_id", "agency_id", "about_id", "expires_at", "used_at", "revoked_at", "opened"',
        (
            "CREATE INDEX ix_link_about_id ON link (about_id)",
            "CREATE INDEX ix_link_agency_id ON link (agency_id)",
            "CREATE INDEX ix_link_professional_id ON link (professional_id)",
        ),
    ),
    (
        "consent_event",
        """CREATE TABLE consent_event (
    id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    consent_id CHAR(32) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    recipients JSON NOT NULL,
    categories INTEGER NOT NULL,
    valid_from DATE,
    valid_until DATE,
    collected VARCHAR(40),
    collected_place VARCHAR NOT NULL,
    words_used VARCHAR NOT NULL,
    attested BOOLEAN NOT NULL,
    proof_file_id CHAR(32),
    proof_sha256 VARCHAR NOT NULL,
    professional_id CHAR(32),
    agency_id CHAR(32),
    details JSON NOT NULL,
    CONSTRAINT pk_consent_event PRIMARY KEY (id),
    CONSTRAINT fk_consent_event_consent_id FOREIGN KEY(consent_id) REFERENCES consent (id),
    CONSTRAINT ck_consent_event_event_kind CHECK (kind IN ('asked', 'given', 'confirmed', 'refused', 'narrowed', 'renewed', 'withdrawn', 'revoked', 'expired', 'invalidated', 'restored')),
    CONSTRAINT ck_consent_event_collected CHECK (collected IN ('paper', 'oral', 'code', 'informed')),
    CONSTRAINT fk_consent_event_proof_file_id FOREIGN KEY(proof_file_id) REFERENCES file (id),
    CONSTRAINT fk_consent_event_professional_id FOREIGN KEY(professional_id) REFERENCES professional (id),
    CONSTRAINT fk_consent_event_agency_id FOREIGN KEY(agency_id) REFERENCES agency (id)
    )""",
        '"id", "created_at", "consent_id", "kind", "recipients", "categories", "valid_from", "valid_until", "collected", "collected_place", "words_used", "attested", "proof_file_id", "proof_sha256", "professional_id", "agency_id", "details"',
        '"id", "created_at", "consent_id", "kind", "recipients", "categories", "valid_from", "valid_until", "collected", "collected_place", "words_used", "attested", "proof_file_id", "proof_sha256", "professional_id", "agency_id", "details"',
        (
            "CREATE INDEX ix_consent_event_consent_created ON consent_event (consent_id, created_at)",
        ),
    ),
)

# The same, told to PostgreSQL.
ALTERED: tuple[str, ...] = (
    "ALTER TABLE \"consent\" ADD COLUMN assisted_by VARCHAR DEFAULT '' NOT NULL",
    'ALTER TABLE "consent" ALTER COLUMN assisted_by DROP DEFAULT',
    'ALTER TABLE "contact" ADD COLUMN with_employer BOOLEAN DEFAULT false NOT NULL',
    'ALTER TABLE "contact" ALTER COLUMN with_employer DROP DEFAULT',
    'ALTER TABLE "import_run" ADD COLUMN rows_id UUID',
    'ALTER TABLE "import_run" ADD CONSTRAINT fk_import_run_rows_id FOREIGN KEY(rows_id) REFERENCES "file" (id)',
    "ALTER TABLE \"import_run\" ADD COLUMN state VARCHAR(40) DEFAULT 'columns' NOT NULL",
    'ALTER TABLE "import_run" ALTER COLUMN state DROP DEFAULT',
    "ALTER TABLE \"import_run\" ADD COLUMN columns JSON DEFAULT '[]' NOT NULL",
    'ALTER TABLE "import_run" ALTER COLUMN columns DROP DEFAULT',
    'ALTER TABLE "import_run" ADD COLUMN done INTEGER DEFAULT 0 NOT NULL',
    'ALTER TABLE "import_run" ALTER COLUMN done DROP DEFAULT',
    'ALTER TABLE "import_run" ADD COLUMN total INTEGER DEFAULT 0 NOT NULL',
    'ALTER TABLE "import_run" ALTER COLUMN total DROP DEFAULT',
    "ALTER TABLE \"import_run\" ADD COLUMN said VARCHAR DEFAULT '' NOT NULL",
    'ALTER TABLE "import_run" ALTER COLUMN said DROP DEFAULT',
    'ALTER TABLE "import_run" ADD COLUMN undone_at TIMESTAMP WITH TIME ZONE',
    "ALTER TABLE \"need\" ADD COLUMN situation VARCHAR DEFAULT '' NOT NULL",
    'ALTER TABLE "need" ALTER COLUMN situation DROP DEFAULT',
    "ALTER TABLE \"need\" ADD COLUMN objective VARCHAR DEFAULT '' NOT NULL",
    'ALTER TABLE "need" ALTER COLUMN objective DROP DEFAULT',
    'ALTER TABLE "need" ADD COLUMN mobilised_on DATE',
    'ALTER TABLE "person" ADD COLUMN merged_into_id UUID',
    'ALTER TABLE "person" ADD CONSTRAINT fk_person_merged_into_id FOREIGN KEY(merged_into_id) REFERENCES "person" (id)',
    'ALTER TABLE "programme_rule" ADD COLUMN max_duration_weeks INTEGER',
    'ALTER TABLE "programme_rule" ADD COLUMN fixed_duration BOOLEAN',
    'ALTER TABLE "programme_rule" ADD COLUMN suspension_allowed BOOLEAN',
    'ALTER TABLE "programme_rule" ADD COLUMN caseload_active_max INTEGER',
    'ALTER TABLE "programme_rule" ADD COLUMN caseload_total_max INTEGER',
    'ALTER TABLE "programme_rule" ADD COLUMN commitment VARCHAR(40)',
    'ALTER TABLE "programme_rule" ADD COLUMN commitment_within_days INTEGER',
    'ALTER TABLE "programme_rule" ADD COLUMN deferred_exit_weeks INTEGER',
    'ALTER TABLE "programme_rule" ADD COLUMN reentry_months INTEGER',
    'ALTER TABLE "programme_rule" ADD COLUMN pay_must_be_continuous BOOLEAN',
    'ALTER TABLE "programme_rule" ADD COLUMN professional_id UUID',
    'ALTER TABLE "programme_rule" ADD CONSTRAINT fk_programme_rule_professional_id FOREIGN KEY(professional_id) REFERENCES "professional" (id)',
    "ALTER TABLE \"programme_rule\" ADD COLUMN note VARCHAR DEFAULT '' NOT NULL",
    'ALTER TABLE "programme_rule" ALTER COLUMN note DROP DEFAULT',
    "ALTER TABLE \"referent\" ADD COLUMN label VARCHAR DEFAULT '' NOT NULL",
    'ALTER TABLE "referent" ALTER COLUMN label DROP DEFAULT',
    'ALTER TABLE "referent" ADD COLUMN chosen_by_person BOOLEAN DEFAULT false NOT NULL',
    'ALTER TABLE "referent" ALTER COLUMN chosen_by_person DROP DEFAULT',
    'ALTER TABLE "signal" ADD COLUMN weight FLOAT DEFAULT 0.0 NOT NULL',
    'ALTER TABLE "signal" ALTER COLUMN weight DROP DEFAULT',
    "ALTER TABLE \"step\" ADD COLUMN track VARCHAR DEFAULT '' NOT NULL",
    'ALTER TABLE "step" ALTER COLUMN track DROP DEFAULT',
    "ALTER TABLE \"step\" ADD COLUMN module VARCHAR DEFAULT '' NOT NULL",
    'ALTER TABLE "step" ALTER COLUMN module DROP DEFAULT',
    'ALTER TABLE "step" ADD COLUMN agency_id UUID',
    'ALTER TABLE "step" ADD CONSTRAINT fk_step_agency_id FOREIGN KEY(agency_id) REFERENCES "agency" (id)',
    'ALTER TABLE "step" ADD COLUMN programme_id UUID',
    'ALTER TABLE "step" ADD CONSTRAINT fk_step_programme_id FOREIGN KEY(programme_id) REFERENCES "programme" (id)',
    'ALTER TABLE "audit_entry" DROP CONSTRAINT uq_audit_entry_hash',
    "ALTER TABLE \"programme_rule\" ADD CONSTRAINT ck_programme_rule_programme_commitment CHECK (commitment IN ('signed_before_entry', 'moral', 'none'))",
    'ALTER TABLE "link" DROP CONSTRAINT ck_link_link_kind',
    "ALTER TABLE \"link\" ADD CONSTRAINT ck_link_link_kind CHECK (kind IN ('sign_in', 'referral', 'person', 'recall', 'follow_up', 'calendar'))",
    "ALTER TABLE \"import_run\" ADD CONSTRAINT ck_import_run_import_state CHECK (state IN ('columns', 'reading', 'ready', 'writing', 'done', 'undoing', 'undone'))",
    'ALTER TABLE "referent" DROP CONSTRAINT ck_referent_referent_role',
    "ALTER TABLE \"referent\" ADD CONSTRAINT ck_referent_referent_role CHECK (role IN ('referent', 'trainer', 'social', 'employer_link', 'coach', 'mentor'))",
    'ALTER TABLE "consent_event" DROP CONSTRAINT ck_consent_event_collected',
    "ALTER TABLE \"consent_event\" ADD CONSTRAINT ck_consent_event_collected CHECK (collected IN ('paper', 'oral', 'code', 'informed'))",
    'ALTER TABLE "consent_event" DROP CONSTRAINT ck_consent_event_event_kind',
    "ALTER TABLE \"consent_event\" ADD CONSTRAINT ck_consent_event_event_kind CHECK (kind IN ('asked', 'given', 'confirmed', 'refused', 'narrowed', 'renewed', 'withdrawn', 'revoked', 'expired', 'invalidated', 'restored'))",
    'ALTER TABLE "signal" DROP CONSTRAINT ck_signal_signal_code',
    "ALTER TABLE \"signal\" ADD CONSTRAINT ck_signal_signal_code CHECK (code IN ('duree_excessive', 'fin_sans_suite', 'attente_entre_etapes', 'entree_lointaine', 'suspension_longue', 'reprise_depassee', 'sans_contact', 'absences_repetees', 'renouvellement_a_decider', 'suivi_apres_sortie_du', 'sortie_a_confirmer', 'retour_possible', 'frein_sans_solution', 'prerequis_manquant', 'changement_de_statut', 'engagement_non_signe', 'referent_absent', 'orientation_sans_reponse', 'orientation_refusee', 'orientation_expiree', 'orientation_echouee', 'suite_en_retard', 'accord_expirant', 'accord_a_recueillir', 'demande_examen'))",
    "CREATE INDEX ix_person_merged_into_id ON person (merged_into_id)",
)

# What keeps acts and access lines as they were written.
TRIGGERS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        """CREATE TRIGGER IF NOT EXISTS audit_entry_no_update BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit_entry: a written line is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS audit_entry_no_delete BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit_entry: a written line is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS audit_entry_no_replace BEFORE INSERT ON audit_entry WHEN EXISTS (SELECT 1 FROM audit_entry WHERE seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'audit_entry: a written line is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS access_line_no_update BEFORE UPDATE ON access_line BEGIN SELECT RAISE(ABORT, 'access_line: a written line is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS access_line_no_delete BEFORE DELETE ON access_line BEGIN SELECT RAISE(ABORT, 'access_line: a written line is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS access_line_no_replace BEFORE INSERT ON access_line WHEN EXISTS (SELECT 1 FROM access_line WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM access_line WHERE list_key = NEW.list_key) BEGIN SELECT RAISE(ABORT, 'access_line: a written line is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS access_line_late BEFORE INSERT ON access_line WHEN NEW.created_at < (SELECT max(until_at) FROM access_seal) BEGIN SELECT RAISE(ABORT, 'access_line: the hour of this line is sealed'); END""",
        """CREATE TRIGGER IF NOT EXISTS access_seal_no_update BEFORE UPDATE ON access_seal BEGIN SELECT RAISE(ABORT, 'access_seal: a written line is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS access_seal_no_delete BEFORE DELETE ON access_seal BEGIN SELECT RAISE(ABORT, 'access_seal: a written line is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS access_seal_no_replace BEFORE INSERT ON access_seal WHEN EXISTS (SELECT 1 FROM access_seal WHERE until_at = NEW.until_at) BEGIN SELECT RAISE(ABORT, 'access_seal: a written line is never changed'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ': a written line is never changed', ERRCODE = 'integrity_constraint_violation'; END $$""",
        """CREATE OR REPLACE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
        """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ': a written line is never changed', ERRCODE = 'integrity_constraint_violation'; END $$""",
        """CREATE OR REPLACE TRIGGER access_line_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON access_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
        """CREATE OR REPLACE FUNCTION refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7204116); IF NEW.created_at < (SELECT max(until_at) FROM access_seal) THEN RAISE EXCEPTION 'access_line: the hour of this line is sealed' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$""",
        """CREATE OR REPLACE TRIGGER access_line_late BEFORE INSERT ON access_line FOR EACH ROW EXECUTE FUNCTION refuse_late()""",
        """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ': a written line is never changed', ERRCODE = 'integrity_constraint_violation'; END $$""",
        """CREATE OR REPLACE TRIGGER access_seal_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON access_seal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    ),
}


def upgrade() -> None:
    op.create_table(
        "access_seal",
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("until_at", name=op.f("pk_access_seal")),
    )
    op.create_table(
        "minor_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "committee",
                "referral",
                "follow_up",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("alone_from", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("alone_from BETWEEN 0 AND 18", name=op.f("ck_minor_rule_an_age")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minor_rule")),
    )
    op.create_table(
        "regime_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "committee",
                "referral",
                "follow_up",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("committee_kind", sa.String(), nullable=False),
        sa.Column(
            "from_kind",
            sa.Enum(
                "france_travail",
                "mission_locale",
                "cap_emploi",
                "training_body",
                "departement",
                "ccas",
                "region",
                "mde",
                "plie",
                "siae",
                "housing",
                "health",
                "justice",
                "association",
                "employer",
                "social_partner",
                "other",
                name="from_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "to_kind",
            sa.Enum(
                "france_travail",
                "mission_locale",
                "cap_emploi",
                "training_body",
                "departement",
                "ccas",
                "region",
                "mde",
                "plie",
                "siae",
                "housing",
                "health",
                "justice",
                "association",
                "employer",
                "social_partner",
                "other",
                name="to_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "regime",
            sa.Enum(
                "accord",
                "information",
                name="regime",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "regime = 'accord' OR text <> ''", name=op.f("ck_regime_rule_information_says_its_text")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regime_rule")),
    )
    with op.batch_alter_table("regime_rule", schema=None) as batch_op:
        batch_op.create_index(
            "ix_regime_rule_key",
            ["purpose", "committee_kind", "from_kind", "to_kind"],
            unique=False,
        )

    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("filters", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"], name=op.f("fk_saved_view_professional_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint(
            "professional_id", "name", name=op.f("uq_saved_view_professional_id_name")
        ),
    )
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_saved_view_professional_id"), ["professional_id"], unique=False
        )

    op.create_table(
        "searched",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"], name=op.f("fk_searched_professional_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searched")),
    )
    with op.batch_alter_table("searched", schema=None) as batch_op:
        batch_op.create_index(
            "ix_searched_professional_created", ["professional_id", "created_at"], unique=False
        )

    op.create_table(
        "patience",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("wait_weeks", sa.Integer(), nullable=True),
        sa.Column("entry_weeks", sa.Integer(), nullable=True),
        sa.Column("need_weeks", sa.Integer(), nullable=True),
        sa.Column("commitment_weeks", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "coalesce(wait_weeks, 1) > 0 AND coalesce(entry_weeks, 1) > 0 AND coalesce(need_weeks, 1) > 0 AND coalesce(commitment_weeks, 1) > 0",
            name=op.f("ck_patience_weeks_are_positive"),
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_patience_territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patience")),
    )
    with op.batch_alter_table("patience", schema=None) as batch_op:
        batch_op.create_index(
            "ix_patience_territory_from", ["territory_id", "from_on"], unique=True
        )

    op.create_table(
        "cohort",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("rhythm", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_cohort_agency_id")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_cohort_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort")),
    )
    with op.batch_alter_table("cohort", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cohort_agency_id"), ["agency_id"], unique=False)

    op.create_table(
        "import_mapping",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=True),
        sa.Column("headings", sa.String(length=64), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_import_mapping_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"], name=op.f("fk_import_mapping_professional_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint(
            "agency_id", "headings", name=op.f("uq_import_mapping_agency_id_headings")
        ),
    )
    op.create_table(
        "team_signal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_team_signal_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_team_signal_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_signal")),
    )
    with op.batch_alter_table("team_signal", schema=None) as batch_op:
        batch_op.create_index(
            "ix_team_signal_one_live",
            ["agency_id", "programme_id"],
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "person_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("absorbed_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("hash_before", sa.String(length=64), nullable=True),
        sa.Column("undoable_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["absorbed_id"], ["person.id"], name=op.f("fk_person_merge_absorbed_id")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_person_merge_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_merge_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"], name=op.f("fk_person_merge_professional_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )
    with op.batch_alter_table("person_merge", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_person_merge_absorbed_id"), ["absorbed_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_person_merge_agency_id"), ["agency_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_merge_person_id"), ["person_id"], unique=False)

    op.create_table(
        "person_token",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_person_token_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_token_person_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", "token", "person_id", name=op.f("pk_person_token")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("person_token", schema=None) as batch_op:
        batch_op.create_index("ix_person_token_person_token", ["person_id", "token"], unique=False)

    op.create_table(
        "recall",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("categories", sa.Integer(), nullable=False),
        sa.Column("referrals", sa.JSON(), nullable=False),
        sa.Column("annexes", sa.JSON(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "destroyed",
                "nothing",
                "kept",
                name="recall_answer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "because",
            sa.Enum(
                "own",
                "law",
                "other",
                name="kept_because",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("professional_id", sa.Uuid(), nullable=True),
        sa.Column("by_link", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "answer <> 'kept' OR because IS NOT NULL", name=op.f("ck_recall_kept_has_reason")
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_recall_answer_has_moment")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_recall_agency_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["agency.id"], name=op.f("fk_recall_owner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recall_person_id")),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"], name=op.f("fk_recall_professional_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall")),
        sa.UniqueConstraint(
            "person_id", "agency_id", "number", name=op.f("uq_recall_person_id_agency_id_number")
        ),
    )
    with op.batch_alter_table("recall", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recall_agency_id"), ["agency_id"], unique=False)
        batch_op.create_index(
            "ix_recall_open",
            ["told_at"],
            unique=False,
            postgresql_where=sa.text("answer IS NULL"),
            sqlite_where=sa.text("answer IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_recall_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "restriction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "violence",
                "address",
                "staff",
                "other",
                name="restriction_reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("professional_id", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_restriction_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_restriction_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"], name=op.f("fk_restriction_professional_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction")),
    )
    with op.batch_alter_table("restriction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_restriction_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_restriction_open",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        )

    op.create_table(
        "set_apart",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_set_apart_agency_id")),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_set_apart_other_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_set_apart_person_id")),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"], name=op.f("fk_set_apart_professional_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_apart")),
        sa.UniqueConstraint("person_id", "other_id", name=op.f("uq_set_apart_person_id_other_id")),
    )
    with op.batch_alter_table("set_apart", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_set_apart_agency_id"), ["agency_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_set_apart_other_id"), ["other_id"], unique=False)

    op.create_table(
        "announced_exit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=False),
        sa.Column("confirm_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_announced_exit_journey_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announced_exit")),
    )
    with op.batch_alter_table("announced_exit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_announced_exit_journey_id"), ["journey_id"], unique=False
        )
        batch_op.create_index(
            "ix_announced_exit_one_open",
            ["journey_id"],
            unique=True,
            postgresql_where=sa.text("settled_on IS NULL"),
            sqlite_where=sa.text("settled_on IS NULL"),
        )

    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("latest_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_appointment_journey_id")
        ),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"], name=op.f("fk_appointment_professional_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_journey_id"), ["journey_id"], unique=False)

    op.create_table(
        "block",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("interview_on", sa.Date(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "renewed",
                "reached",
                "stopped",
                name="block_outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.CheckConstraint("ends_on > from_on", name=op.f("ck_block_dates_in_order")),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_block_journey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
        sa.UniqueConstraint("journey_id", "number", name=op.f("uq_block_journey_id_number")),
    )
    op.create_table(
        "cohort_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_cohort_member_cohort_id")
        ),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_cohort_member_journey_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_member")),
    )
    with op.batch_alter_table("cohort_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cohort_member_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_cohort_member_journey_id"), ["journey_id"], unique=False
        )

    op.create_table(
        "commitment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reciprocal",
                "tripartite",
                "moral",
                "employment",
                name="commitment_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_commitment_journey_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
    )
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commitment_journey_id"), ["journey_id"], unique=False)

    op.create_table(
        "consent_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=True),
        sa.Column(
            "channel",
            sa.Enum(
                "mail",
                "sms",
                name="code_channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code_hmac", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consent.id"], name=op.f("fk_consent_code_consent_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_consent_code_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"], name=op.f("fk_consent_code_professional_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_code")),
    )
    with op.batch_alter_table("consent_code", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consent_code_consent_id"), ["consent_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_consent_code_person_id"), ["person_id"], unique=False)

    op.create_table(
        "import_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("made", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_part_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_part")),
        sa.UniqueConstraint("run_id", "rank", name=op.f("uq_import_part_run_id_rank")),
    )
    op.create_table(
        "merge_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("was_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merge_id"], ["person_merge.id"], name=op.f("fk_merge_move_merge_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_move")),
    )
    with op.batch_alter_table("merge_move", schema=None) as batch_op:
        batch_op.create_index("ix_merge_move_merge", ["merge_id"], unique=False)

    op.create_table(
        "return_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_return_request_journey_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_request")),
    )
    with op.batch_alter_table("return_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_return_request_journey_id"), ["journey_id"], unique=False
        )

    op.create_table(
        "status_period",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "job_seeker",
                "rsa",
                "trainee",
                "apprentice",
                "employee",
                "assisted_contract",
                "civic_service",
                "student",
                "other",
                name="person_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column(
            "pay",
            sa.Enum(
                "secured",
                "to_confirm",
                "none",
                name="pay",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("pay_label", sa.String(), nullable=False),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on >= from_on", name=op.f("ck_status_period_dates_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_status_period_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_status_period_journey_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_status_period_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_period")),
        sa.UniqueConstraint(
            "journey_id", "from_on", name=op.f("uq_status_period_journey_id_from_on")
        ),
    )
    with op.batch_alter_table("status_period", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_status_period_person_id"), ["person_id"], unique=False)

    op.create_table(
        "transcription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("professional_id", sa.Uuid(), nullable=True),
        sa.Column(
            "about",
            sa.Enum(
                "journey",
                "decision",
                "referral",
                name="copied",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("tool", sa.String(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_transcription_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_transcription_journey_id")
        ),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"], name=op.f("fk_transcription_professional_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcription")),
    )
    with op.batch_alter_table("transcription", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transcription_about_id"), ["about_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_transcription_agency_id"), ["agency_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_transcription_journey_id"), ["journey_id"], unique=False
        )

    op.create_table(
        "exit_contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column(
            "whom",
            sa.Enum(
                "person",
                "employer",
                name="followed",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("dropped_on", sa.Date(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_exit_contact_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_exit_contact_journey_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exit_contact")),
        sa.UniqueConstraint(
            "journey_id", "whom", "due_on", name=op.f("uq_exit_contact_journey_id_whom_due_on")
        ),
    )
    with op.batch_alter_table("exit_contact", schema=None) as batch_op:
        batch_op.create_index("ix_exit_contact_due", ["due_on", "journey_id"], unique=False)

    op.create_table(
        "interstitial",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("status_kept", sa.Boolean(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=True),
        sa.Column("adviser_id", sa.Uuid(), nullable=True),
        sa.Column("commitment_id", sa.Uuid(), nullable=True),
        sa.Column("next_step_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_interstitial_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["adviser_id"], ["professional.id"], name=op.f("fk_interstitial_adviser_id")
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_interstitial_commitment_id")
        ),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_interstitial_journey_id")
        ),
        sa.ForeignKeyConstraint(
            ["next_step_id"], ["step.id"], name=op.f("fk_interstitial_next_step_id")
        ),
        sa.ForeignKeyConstraint(
            ["trainer_id"], ["professional.id"], name=op.f("fk_interstitial_trainer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interstitial")),
    )
    with op.batch_alter_table("interstitial", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_interstitial_journey_id"), ["journey_id"], unique=False
        )
        batch_op.create_index(
            "ix_interstitial_one_open",
            ["journey_id"],
            unique=True,
            postgresql_where=sa.text("ended_on IS NULL"),
            sqlite_where=sa.text("ended_on IS NULL"),
        )

    op.create_table(
        "referent_absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("referent_id", sa.Uuid(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("replacement_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on >= from_on",
            name=op.f("ck_referent_absence_dates_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_referent_absence_journey_id")
        ),
        sa.ForeignKeyConstraint(
            ["referent_id"], ["referent.id"], name=op.f("fk_referent_absence_referent_id")
        ),
        sa.ForeignKeyConstraint(
            ["replacement_id"], ["professional.id"], name=op.f("fk_referent_absence_replacement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referent_absence")),
    )
    with op.batch_alter_table("referent_absence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_referent_absence_journey_id"), ["journey_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_referent_absence_referent_id"), ["referent_id"], unique=False
        )

    op.create_table(
        "signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column(
            "signer",
            sa.Enum(
                "person",
                "carrier",
                "training_body",
                "support",
                "employer",
                name="signer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_signature_agency_id")),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_signature_commitment_id")
        ),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_signature_journey_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint(
            "commitment_id", "signer", name=op.f("uq_signature_commitment_id_signer")
        ),
    )
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signature_journey_id"), ["journey_id"], unique=False)

    op.create_table(
        "step_prerequisite",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_step_prerequisite_journey_id")
        ),
        sa.ForeignKeyConstraint(
            ["step_id"], ["step.id"], name=op.f("fk_step_prerequisite_step_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_prerequisite")),
        sa.UniqueConstraint("step_id", "label", name=op.f("uq_step_prerequisite_step_id_label")),
    )
    with op.batch_alter_table("step_prerequisite", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_step_prerequisite_journey_id"), ["journey_id"], unique=False
        )

    with op.batch_alter_table("access_line", schema=None) as batch_op:
        batch_op.create_index("ix_access_line_created_at", ["created_at"], unique=False)

    with op.batch_alter_table("journey", schema=None) as batch_op:
        batch_op.create_index(
            "ix_journey_agency_end", ["agency_id", "planned_end_on", "id", "state"], unique=False
        )

    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        for table, words, columns, values, indexes in REBUILT:
            _rebuild(table, words, columns, values, indexes)
    else:
        for statement in ALTERED:
            op.execute(sa.text(statement.replace(":", r"\:")))
    op.execute("UPDATE import_run SET state = 'done' WHERE confirmed_at IS NOT NULL")
    op.execute("DELETE FROM import_run WHERE confirmed_at IS NULL")  # read in the old way
    _moments_of_acts()
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement.replace(":", r"\:")))


def _rebuild(table: str, words: str, columns: str, values: str, indexes: tuple[str, ...]) -> None:
    """SQLite's own way (lang_altertable, the twelve steps), keys not looked at meanwhile."""
    connection = op.get_bind()
    named = (
        f'CREATE TABLE "{table}"' if f'CREATE TABLE "{table}"' in words else f"CREATE TABLE {table}"
    )
    connection.exec_driver_sql(words.replace(named, f'CREATE TABLE "{table}_anew"', 1))
    connection.exec_driver_sql(
        f'INSERT INTO "{table}_anew" ({columns}) SELECT {values} FROM "{table}"'
    )
    connection.exec_driver_sql(f'DROP TABLE "{table}"')
    connection.exec_driver_sql("PRAGMA legacy_alter_table=ON")
    connection.exec_driver_sql(f'ALTER TABLE "{table}_anew" RENAME TO "{table}"')
    connection.exec_driver_sql("PRAGMA legacy_alter_table=OFF")
    for index in indexes:
        connection.exec_driver_sql(index)


def _moments_of_acts() -> None:
    """A line's moment is the one that its entry says: they used to differ by microseconds."""
    connection = op.get_bind()
    entries = sa.table(
        "audit_entry", sa.column("seq", sa.BigInteger), sa.column("entry", sa.String),
        sa.column("at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    for seq, entry in connection.execute(sa.select(entries.c.seq, entries.c.entry)).all():
        said = datetime.fromisoformat(json.loads(entry)["at"]).astimezone(UTC)
        connection.execute(entries.update().where(entries.c.seq == seq).values(at=said))
