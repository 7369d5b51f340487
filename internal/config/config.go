// Package config has the service's settings. A flag overrides an environment
// variable, which overrides the configuration file, which overrides the default.
package config

import (
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/windlass-io/windlass/internal/memory"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// Config has every setting. The tag toml is its name in the file; in upper case
// after WINDLASS_ it is the environment variable, and with dashes the flag.
type Config struct {
	Listen         string `toml:"listen" default:"127.0.0.1:8080" doc:"address and port to listen on, or unix:PATH for a Unix socket"`
	PublicURL      string `toml:"public_url" doc:"address under which people and apps reach the service (default http:// and listen)"`
	Dir            string `toml:"dir" default:"windlass-data" doc:"folder for state, rows and the master key"`
	Workspace      string `toml:"workspace" default:"main" doc:"name of the workspace that the first start creates"`
	Owner          string `toml:"owner" default:"owner@localhost" doc:"e-mail address of the owner that the first start creates"`
	Database       string `toml:"database" doc:"state: a SQLite file or a postgres:// address (default windlass.db in dir)" secret:"true"`
	Migrate        string `toml:"migrate" default:"auto" doc:"auto: the start brings the state's schema up to this release; off: it refuses another schema, until windlass migrate was run"`
	Rows           string `toml:"rows" default:"local" doc:"rows: local files in dir, or a postgres:// address, which several nodes can share" secret:"true"`
	MasterKey      string `toml:"master_key" doc:"key that seals secrets: 64 hex digits, or the address of a key in AWS KMS or Vault (default: master.key in dir, created at the first start)" secret:"true"`
	VaultToken     string `toml:"vault_token" doc:"token for a master key in Vault" secret:"true"`
	VaultTokenFile string `toml:"vault_token_file" doc:"file with the token for a master key in Vault, read at each use"`
	AWSRegion      string `toml:"aws_region" default:"us-east-1" doc:"region of the STS endpoint for role sessions"`
	AWSEndpoint    string `toml:"aws_endpoint" doc:"address that stands in for AWS, such as a windlass sandbox"`
	TemplateURL    string `toml:"template_url" doc:"S3 address of the published output of windlass integration template; customers can then create their role with one link"`
	Memory         Size   `toml:"memory" default:"0" doc:"memory for rows: page cache, sorting, heap; 0: a quarter of the memory of the cgroup, GOMEMLIMIT or the machine, at least 256 MiB"`
	DiskReserve    Size   `toml:"disk_reserve" default:"0" doc:"disk space that loads keep free; 0: 1 GiB, or a twentieth of the disk if that is less"`
	Threads        int    `toml:"threads" default:"0" doc:"threads for the row engine; 0: one for each core"`
	RowConnections int    `toml:"rows_connections" default:"8" doc:"connections to the database of rows for reads; loads and writes use as many more"`
	Roles          string `toml:"roles" default:"serve,load,schedule" doc:"what this node does, of several that share the state: serve requests, run loads, keep schedules"`
	Loads          int    `toml:"loads" default:"2" doc:"loads that run at the same time"`
	HistoryKeep    int    `toml:"history_keep" default:"100" doc:"newest verifications of an integration to keep; older ones are kept only if their result differs from the previous one"`
	HistoryDays    int    `toml:"history_days" default:"400" doc:"days to keep those verifications"`
	OIDCIssuer     string `toml:"oidc_issuer" doc:"OIDC issuer for signing in to the console; empty: none"`
	OIDCClient     string `toml:"oidc_client" doc:"client ID of the service at the OIDC issuer"`
	OIDCSecret     string `toml:"oidc_secret" doc:"client secret there; empty for a public client" secret:"true"`
	OIDCName       string `toml:"oidc_name" doc:"name of the OIDC issuer on the sign-in page (default: its host)"`
	LogLevel       string `toml:"log_level" default:"info" doc:"debug, info, warn or error"`
	LogFormat      string `toml:"log_format" default:"text" doc:"text or json"`
	LogFile        string `toml:"log_file" doc:"log file, reopened on SIGHUP (default standard error)"`

	// Network: which addresses Windlass connects to when a member names them.
	AllowPrivateEndpoints bool   `toml:"allow_private_endpoints" doc:"let members use endpoints on this machine or network, and endpoints without TLS; on if aws_endpoint is on this machine"`
	DialAllow             string `toml:"dial_allow" doc:"additional address blocks that members' endpoints may resolve to, in CIDR notation and separated by commas, such as 64:ff9b::/96; cloud metadata addresses stay blocked"`
	EgressProxy           string `toml:"egress_proxy" doc:"HTTP proxy for connections to members' endpoints and to S3, such as http://proxy.example.com:3128; the proxy must block private addresses" secret:"true"`
	WorkspaceLoads        int    `toml:"workspace_loads" default:"0" doc:"loads of one workspace that run at the same time on a node; 0: half of loads, at least 1"`
	WorkspaceQueue        int    `toml:"workspace_queue" default:"10000" doc:"maximum number of queued loads of one workspace"`
	LoadCrashes           int    `toml:"load_crashes" default:"3" doc:"consecutive crashes of the process after which a load is parked"`
	RejectRows            int64  `toml:"reject_rows" default:"100000" doc:"rejected rows to store per load; more are only counted"`
	RejectBytes           Size   `toml:"reject_bytes" default:"256MiB" doc:"bytes of rejected rows to store per load"`
	UnpackedBytes         Size   `toml:"unpacked_bytes" default:"1024GiB" doc:"maximum size of an object after decompression"`
	// Listeners, TLS and proxies: docs/operate/tls-and-proxies.md.
	AdminListen    string `toml:"admin_listen" default:"127.0.0.1:9180" doc:"address for metrics and pprof, or unix:PATH; off: none"`
	TLSCert        string `toml:"tls_cert" doc:"PEM file with the certificate and its chain, read again when it changes"`
	TLSKey         string `toml:"tls_key" doc:"PEM file with the certificate's key"`
	ACMEDomains    string `toml:"acme_domains" doc:"host names to get ACME certificates for, separated by commas"`
	ACMEEmail      string `toml:"acme_email" doc:"e-mail address for notices of the ACME CA"`
	ACMEDirectory  string `toml:"acme_directory" doc:"directory of the ACME CA (default Let's Encrypt)"`
	HTTPRedirect   string `toml:"http_redirect" default:"off" doc:"address that redirects HTTP to HTTPS and serves ACME challenges, such as :80; off: none"`
	TrustedProxies string `toml:"trusted_proxies" doc:"networks of proxies whose X-Forwarded-For is trusted, separated by commas; unix: peers on a Unix socket"`

	// Limits: docs/operate/limits.md.
	HTTPHeaderBytes      Size     `toml:"http_header_bytes" default:"64KiB" doc:"size of a request's headers"`
	HTTPHeaderTimeout    Duration `toml:"http_header_timeout" default:"10s" doc:"time for a request's headers to arrive"`
	HTTPBodyBytes        Size     `toml:"http_body_bytes" default:"1MiB" doc:"size of a body with a document"`
	UploadBytes          Size     `toml:"upload_bytes" default:"512MiB" doc:"size of an upload"`
	HTTPReadIdle         Duration `toml:"http_read_idle" default:"30s" doc:"time without a byte of a body"`
	HTTPMinRate          Size     `toml:"http_min_rate" default:"16KiB" doc:"minimum bytes per second of an upload after 30 s"`
	HTTPWriteIdle        Duration `toml:"http_write_idle" default:"30s" doc:"time without the client reading a byte of a response"`
	HTTPIdleTimeout      Duration `toml:"http_idle_timeout" default:"2m" doc:"time to keep a connection without a request"`
	DrainTimeout         Duration `toml:"drain_timeout" default:"20s" doc:"time for requests to complete when the service stops"`
	HTTPConnections      int      `toml:"http_connections" default:"8192" doc:"concurrent connections"`
	AddressConnections   int      `toml:"address_connections" default:"512" doc:"concurrent connections from an address; 0: no limit"`
	TokenConcurrency     int      `toml:"token_concurrency" default:"64" doc:"concurrent requests with a token"`
	AddressConcurrency   int      `toml:"address_concurrency" default:"32" doc:"concurrent requests from an address without a valid token"`
	WorkspaceConcurrency int      `toml:"workspace_concurrency" default:"512" doc:"concurrent requests in a workspace"`
	StreamConcurrency    int      `toml:"stream_concurrency" default:"50" doc:"concurrent event streams of a token or member"`
	Streams              int      `toml:"streams" default:"2000" doc:"concurrent event streams on a node"`
	TokenRate            int      `toml:"token_rate" default:"0" doc:"requests per minute with a secret or personal token; 0: no limit"`
	PublishableRate      int      `toml:"publishable_rate" default:"1200" doc:"requests per minute with a publishable token from an address; 0: no limit"`
	PublishableBytes     Size     `toml:"publishable_bytes" default:"2GiB" doc:"bytes per hour with a publishable token to an address; 0: no limit"`
	AnswerMemory         Size     `toml:"answer_memory" default:"1MiB" doc:"part of a response to buffer in memory"`
	AnswerSpool          Size     `toml:"answer_spool" default:"1GiB" doc:"size of a response"`
	SpoolBytes           Size     `toml:"spool_bytes" default:"0" doc:"disk space for all buffered responses and uploads; 0: 8 GiB, or a tenth of the disk if that is less"`
	SpoolDir             string   `toml:"spool_dir" doc:"folder for buffered responses and uploads (default spool in dir)"`

	QueryTimeout          Duration `toml:"query_timeout" default:"30s" doc:"time limit of a SQL query, or of its first rows in a stream; at most 5m"`
	QueryMemory           Size     `toml:"query_memory" default:"256MiB" doc:"memory of a SQL query; a quarter of memory if that is less"`
	QuerySpill            Size     `toml:"query_spill" default:"1GiB" doc:"disk space that a SQL query may use"`
	QueryConcurrency      int      `toml:"query_concurrency" default:"4" doc:"concurrent SQL queries on a node"`
	QueryTokenConcurrency int      `toml:"query_token_concurrency" default:"2" doc:"concurrent SQL queries of a token or member"`

	MaxMembers      int `toml:"max_members" default:"1000" doc:"members of a workspace"`
	MaxTokens       int `toml:"max_tokens" default:"1000" doc:"API tokens of a workspace"`
	MaxIntegrations int `toml:"max_integrations" default:"100" doc:"integrations of a workspace"`
	MaxKeys         int `toml:"max_keys" default:"200" doc:"access keys of a workspace"`
	MaxSources      int `toml:"max_sources" default:"1000" doc:"sources of a workspace"`
	MaxDatasets     int `toml:"max_datasets" default:"10000" doc:"datasets of a workspace"`
	MaxProviders    int `toml:"max_providers" default:"50" doc:"providers of a workspace"`
	MaxSchedules    int `toml:"max_schedules" default:"1000" doc:"schedules of a workspace"`
	MaxGrants       int `toml:"max_grants" default:"500" doc:"grants of a workspace"`

	// Notifications: docs/notifications.md.
	MaxNotifications int    `toml:"max_notifications" default:"50" doc:"notifications of a workspace"`
	SMTPURL          string `toml:"smtp_url" doc:"server that sends e-mails, such as smtps://user:password@smtp.example.com:465; smtp:// uses STARTTLS" secret:"true"`
	SMTPFrom         string `toml:"smtp_from" doc:"sender of e-mails (default windlass@ and the host of public_url)"`

	// Audit: docs/operate/audit.md.
	AuditReads   string `toml:"audit_reads" default:"summary" doc:"how reads of rows are recorded in the audit: summary (by token, dataset and minute) or each"`
	AuditDays    int    `toml:"audit_days" default:"400" doc:"days to keep audit entries in the state; older ones are moved to files"`
	AuditArchive string `toml:"audit_archive" doc:"folder for files with old audit entries (default archive in dir)"`

	SecurityDays int `toml:"security_days" default:"400" doc:"days to keep entries of the security log"`

	// Backup: docs/operate/backup.md.
	BackupTo         string `toml:"backup_to" doc:"folder or s3://BUCKET/PREFIX for backups; the service makes them automatically at backup_schedule"`
	BackupSchedule   string `toml:"backup_schedule" default:"30 2 * * *" doc:"when the service makes backups to backup_to: a cron expression in UTC; off: only windlass backup does"`
	BackupKeepLast   int    `toml:"backup_keep_last" default:"7" doc:"newest snapshots in backup_to that are kept; 0, and 0 for backup_keep_daily: all"`
	BackupKeepDaily  int    `toml:"backup_keep_daily" default:"30" doc:"days in backup_to of which the newest snapshot is kept"`
	BackupPassphrase string `toml:"backup_passphrase" doc:"passphrase under which backups keep the master key: with windlass backup --include-key, and those to backup_to" secret:"true"`

	KeyFile string `toml:"master_key_file" doc:"file with the master key (default: master.key in dir)"`
}

// Sources are the places that values come from. Flags has the flags that were
// set, by the setting's name.
type Sources struct {
	File   string // TOML; empty: no file
	Getenv func(string) string
	Flags  map[string]string
}

// Load reads all sources into a Config and validates it.
func Load(sources Sources) (Config, error) {
	sources, err := sources.withSecretFiles()
	if err != nil {
		return Config{}, err
	}
	values, err := readFile(sources.File)
	if err != nil {
		return Config{}, err
	}
	return fromValues(values, sources)
}

func fromValues(values map[string]any, sources Sources) (Config, error) {
	var c Config
	var findings []problem.Finding
	for i, field := range Fields() {
		value := field.value(values, sources)
		if value == nil {
			continue
		}
		if err := setValue(reflect.ValueOf(&c).Elem().Field(i), value); err != nil {
			findings = append(findings, problem.Finding{Path: field.Name, Message: err.Error()})
		}
	}
	if len(findings) > 0 {
		return Config{}, invalid(findings)
	}
	c.fill()
	return c, c.check()
}

func invalid(findings []problem.Finding) error {
	return problem.New(problem.Invalid, "The configuration is invalid.").WithFindings(findings...)
}

// fill sets fields that derive from others.
func (c *Config) fill() {
	if c.Database == "" {
		c.Database = filepath.Join(c.Dir, "windlass.db")
	}
	if c.PublicURL == "" {
		c.PublicURL = c.localURL()
	}
	if c.Memory == 0 {
		c.Memory = Size(memory.Default())
	}
	if c.SpoolDir == "" {
		c.SpoolDir = filepath.Join(c.Dir, "spool")
	}
	if c.AuditArchive == "" {
		c.AuditArchive = filepath.Join(c.Dir, "archive")
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	if u, err := url.Parse(c.OIDCIssuer); err == nil && c.OIDCName == "" {
		c.OIDCName = u.Host
	}
	c.fillSMTP()
	if isLoopback(c.AWSEndpoint) { // a rehearsal
		c.AllowPrivateEndpoints = true
	}
}

// localURL is the default of public_url.
func (c *Config) localURL() string {
	scheme, address := "http://", c.Listen
	if c.OwnTLS() {
		scheme = "https://"
	}
	if port, ok := OnAllAddresses(c.Listen); ok {
		address = net.JoinHostPort("localhost", port)
	}
	if c.onSocket() {
		address = "localhost"
	}
	return scheme + address
}

func (c *Config) check() error {
	var findings []problem.Finding
	add := func(name, message string) {
		findings = append(findings, problem.Finding{Path: name, Message: message})
	}
	if u, err := url.Parse(c.PublicURL); err != nil || u.Host == "" {
		add("public_url", "isn't an address such as https://windlass.example.com")
	}
	if c.AWSEndpoint != "" {
		if u, err := url.Parse(c.AWSEndpoint); err != nil || u.Host == "" {
			add("aws_endpoint", "isn't an address such as http://127.0.0.1:9090")
		}
	}
	c.checkRows(add)
	c.checkRoles(add)
	c.checkSMTP(add)
	if c.TemplateURL != "" && aws.CheckTemplateURL(c.TemplateURL) != nil {
		add("template_url", "isn't an object in S3 such as https://BUCKET.s3.REGION.amazonaws.com/windlass.yaml")
	}
	if u, err := url.Parse(c.OIDCIssuer); c.OIDCIssuer != "" && (err != nil || u.Host == "" || u.Scheme != "https" &&
		u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost") {
		add("oidc_issuer", "isn't an address such as https://accounts.example.com")
	}
	if (c.OIDCIssuer == "") != (c.OIDCClient == "") {
		add("oidc_client", "and oidc_issuer must be set together, or neither")
	}
	if c.Migrate != "auto" && c.Migrate != "off" {
		add("migrate", `is neither "auto" nor "off"`)
	}
	if c.Memory < 64<<20 {
		add("memory", "is less than 64MiB")
	}
	if c.HistoryKeep < 2 { // a change shows in two
		add("history_keep", "is less than 2")
	}
	if c.HistoryDays < 1 {
		add("history_days", "is less than 1")
	}
	c.checkNetwork(add)
	if c.Loads < 1 || c.Loads > 64 {
		add("loads", "isn't between 1 and 64")
	}
	if c.SecurityDays < 1 {
		add("security_days", "is less than 1")
	}
	if c.AuditDays < 1 {
		add("audit_days", "is less than 1")
	}
	if c.AuditReads != "summary" && c.AuditReads != "each" {
		add("audit_reads", `must be "summary" or "each"`)
	}
	for _, s := range []struct {
		name  string
		value int64
	}{
		{"workspace_queue", int64(c.WorkspaceQueue)},
		{"load_crashes", int64(c.LoadCrashes)},
		{"reject_rows", c.RejectRows},
		{"reject_bytes", int64(c.RejectBytes)},
		{"unpacked_bytes", int64(c.UnpackedBytes)},
	} {
		if s.value < 1 {
			add(s.name, "is less than 1")
		}
	}
	if c.WorkspaceLoads < 0 || c.WorkspaceLoads > c.Loads {
		add("workspace_loads", "isn't between 0 and loads")
	}
	if new(slog.LevelVar).UnmarshalText([]byte(c.LogLevel)) != nil {
		add("log_level", "must be debug, info, warn or error")
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		add("log_format", `must be "text" or "json"`)
	}
	c.checkHTTP(add)
	c.checkBackup(add)
	if len(findings) > 0 {
		return invalid(findings)
	}
	return nil
}

// TLS reports whether browsers reach the service over TLS.
func (c *Config) TLS() bool { return strings.HasPrefix(c.PublicURL, "https://") }

// KeepsSchema reports whether a start refuses to migrate the state.
func (c *Config) KeepsSchema() bool { return c.Migrate == "off" }

// MasterKeyFile returns the file with the master key, if the settings don't
// have the key.
func (c *Config) MasterKeyFile() string {
	if c.KeyFile != "" {
		return c.KeyFile
	}
	return filepath.Join(c.Dir, "master.key")
}

// VaultTokenSecret returns the token for Vault.
func (c *Config) VaultTokenSecret() secret.String { return secret.New(c.VaultToken) }

// MasterKeySecret returns the master key.
func (c *Config) MasterKeySecret() secret.String { return secret.New(c.MasterKey) }

// Field describes a setting, for flags, help and the reference.
type Field struct {
	Name, Flag, Env, Default, Doc string
	Secret                        bool
	Bool                          bool // its flag needs no value
}

// Fields lists the settings in the order of Config.
func Fields() []Field {
	t := reflect.TypeFor[Config]()
	fields := make([]Field, 0, t.NumField())
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		name := tag.Get("toml")
		fields = append(fields, Field{
			Name: name, Flag: strings.ReplaceAll(name, "_", "-"), Env: "WINDLASS_" + strings.ToUpper(name),
			Default: tag.Get("default"), Doc: tag.Get("doc"), Secret: tag.Get("secret") == "true",
			Bool: t.Field(i).Type.Kind() == reflect.Bool,
		})
	}
	return fields
}
