-- Which table has which columns, and what is known of its index. next_seq is
-- the _seq of the next row; appended_rows and appended_bytes tell the size of
-- an average row; not_unique says that the guessed index below proved wrong.
CREATE TABLE IF NOT EXISTS windlass_dataset (
    dataset        VARCHAR NOT NULL,
    next_seq       BIGINT NOT NULL,
    appended_rows  BIGINT NOT NULL,
    appended_bytes BIGINT NOT NULL,
    updated        TIMESTAMP NOT NULL,
    index_key      VARCHAR NOT NULL,
    index_subkey   VARCHAR NOT NULL,
    index_date     VARCHAR NOT NULL,
    not_unique     BOOLEAN NOT NULL
);

-- Column number "position" of the dataset's table is named c<position>.
CREATE TABLE IF NOT EXISTS windlass_column (
    dataset  VARCHAR NOT NULL,
    position BIGINT NOT NULL,
    name     VARCHAR NOT NULL,
    type     VARCHAR NOT NULL
);

CREATE TABLE IF NOT EXISTS windlass_ledger (
    dataset  VARCHAR NOT NULL,
    source   VARCHAR NOT NULL,
    key      VARCHAR NOT NULL,
    version  VARCHAR NOT NULL,
    load     VARCHAR NOT NULL,
    outcome  VARCHAR NOT NULL,
    reason   VARCHAR NOT NULL,
    size     BIGINT NOT NULL,
    modified TIMESTAMP,
    rows     BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    recorded TIMESTAMP NOT NULL,
    PRIMARY KEY (source, key, version)
);

-- The ledger entries of removed datasets, until they are restored or dropped.
CREATE TABLE IF NOT EXISTS windlass_retired (
    dataset  VARCHAR NOT NULL,
    source   VARCHAR NOT NULL,
    key      VARCHAR NOT NULL,
    version  VARCHAR NOT NULL,
    load     VARCHAR NOT NULL,
    outcome  VARCHAR NOT NULL,
    reason   VARCHAR NOT NULL,
    size     BIGINT NOT NULL,
    modified TIMESTAMP,
    rows     BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    recorded TIMESTAMP NOT NULL
);

CREATE TABLE IF NOT EXISTS windlass_reject (
    dataset     VARCHAR NOT NULL,
    load        VARCHAR NOT NULL,
    object      VARCHAR NOT NULL,
    line        BIGINT NOT NULL,
    column_name VARCHAR NOT NULL,
    value       VARCHAR NOT NULL,
    reason      VARCHAR NOT NULL,
    seq         BIGINT NOT NULL
);
