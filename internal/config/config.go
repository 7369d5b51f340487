// Package config is the service's one configuration struct and how it is
// filled: flag over environment over file over default.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// Config is all that a person may set. The tag koanf names the member in the
// file and, in upper case after WINDLASS_, the environment variable; the flag
// is the same with dashes.
type Config struct {
	Listen         string `koanf:"listen" default:"127.0.0.1:8080" doc:"address and port to listen on, or unix:PATH for a Unix socket"`
	PublicURL      string `koanf:"public_url" doc:"address under which people and apps reach the service (default http:// and listen)"`
	Dir            string `koanf:"dir" default:"windlass-data" doc:"folder for state, rows and the master key"`
	Workspace      string `koanf:"workspace" default:"main" doc:"name of the workspace that the first start makes"`
	Owner          string `koanf:"owner" default:"owner@localhost" doc:"e-mail address of the owner that the first start makes"`
	Database       string `koanf:"database" doc:"state: a SQLite file or a postgres:// address (default windlass.db in dir)" secret:"true"`
	MasterKey      string `koanf:"master_key" doc:"key that seals secrets: 64 hex digits, or the address of one in AWS KMS or Vault (default: master.key in dir, made at first start)" secret:"true"`
	VaultToken     string `koanf:"vault_token" doc:"token for a master key in Vault" secret:"true"`
	VaultTokenFile string `koanf:"vault_token_file" doc:"file with the token for a master key in Vault, read at each use"`
	AWSRegion      string `koanf:"aws_region" default:"us-east-1" doc:"region whose STS is asked for role sessions"`
	AWSEndpoint    string `koanf:"aws_endpoint" doc:"address that stands in for AWS, such as a windlass sandbox"`
	TemplateURL    string `koanf:"template_url" doc:"where the CloudFormation template of windlass integration template is published, in S3; with it customers make their role by one link"`
	MemoryMB       int    `koanf:"memory_mb" default:"512" doc:"memory for the row engine, in MiB"`
	Threads        int    `koanf:"threads" default:"0" doc:"threads for the row engine; 0: one for each core"`
	Loads          int    `koanf:"loads" default:"2" doc:"loads that run at the same time"`
	HistoryKeep    int    `koanf:"history_keep" default:"100" doc:"verifications of an integration that are kept, the newest; older ones only when they came to something else than the one before"`
	HistoryDays    int    `koanf:"history_days" default:"400" doc:"days for which those are kept"`
	OIDCIssuer     string `koanf:"oidc_issuer" doc:"OIDC issuer at which people sign in to the console; empty: none"`
	OIDCClient     string `koanf:"oidc_client" doc:"client ID of the service at the OIDC issuer"`
	OIDCSecret     string `koanf:"oidc_secret" doc:"client secret there; empty for a public client" secret:"true"`
	OIDCName       string `koanf:"oidc_name" doc:"name of the OIDC issuer on the sign-in page (default: its host)"`
	LogLevel       string `koanf:"log_level" default:"info" doc:"debug, info, warn or error"`
	LogFormat      string `koanf:"log_format" default:"text" doc:"text or json"`

	// Network: which addresses Windlass connects to when a member names them.
	AllowPrivateEndpoints bool   `koanf:"allow_private_endpoints" doc:"let members name endpoints on this machine or network, and without TLS; on when aws_endpoint is on this machine"`
	DialAllow             string `koanf:"dial_allow" doc:"more address blocks to which endpoints of members may resolve, in CIDR notation and separated by commas, such as 64:ff9b::/96; cloud metadata stays refused"`
	EgressProxy           string `koanf:"egress_proxy" doc:"HTTP proxy for connections to endpoints of members and to S3, such as http://proxy.example.com:3128; it must refuse private addresses itself" secret:"true"`
	WorkspaceLoads        int    `koanf:"workspace_loads" default:"0" doc:"loads of one workspace that run at the same time on a node; 0: half of loads, at least 1"`
	WorkspaceQueue        int    `koanf:"workspace_queue" default:"10000" doc:"loads of one workspace that wait in the queue at most"`
	LoadCrashes           int    `koanf:"load_crashes" default:"3" doc:"crashes of the process in a row after which a load is parked"`
	RejectRows            int64  `koanf:"reject_rows" default:"100000" doc:"rejected rows that are kept of a load; more are only counted"`
	RejectBytes           Size   `koanf:"reject_bytes" default:"256MiB" doc:"bytes of rejected rows that are kept of a load"`
	UnpackedBytes         Size   `koanf:"unpacked_bytes" default:"1024GiB" doc:"bytes that an object may have after it is unpacked"`
	// Listeners, TLS and proxies: docs/operate/tls-and-proxies.md.
	AdminListen    string `koanf:"admin_listen" default:"127.0.0.1:9180" doc:"address for metrics and pprof, or unix:PATH; off: none"`
	TLSCert        string `koanf:"tls_cert" doc:"PEM file with the certificate and its chain, read again when it changes"`
	TLSKey         string `koanf:"tls_key" doc:"PEM file with the certificate's key"`
	ACMEDomains    string `koanf:"acme_domains" doc:"names to get certificates for by ACME, with commas between"`
	ACMEEmail      string `koanf:"acme_email" doc:"e-mail address that the ACME CA sends notices to"`
	ACMEDirectory  string `koanf:"acme_directory" doc:"directory of the ACME CA (default Let's Encrypt)"`
	HTTPRedirect   string `koanf:"http_redirect" default:"off" doc:"address that redirects HTTP to HTTPS and answers ACME, such as :80; off: none"`
	TrustedProxies string `koanf:"trusted_proxies" doc:"networks of proxies whose X-Forwarded-For is used, with commas between; unix: peers on a Unix socket"`

	// Limits: docs/operate/limits.md.
	HTTPHeaderBytes      Size     `koanf:"http_header_bytes" default:"64KiB" doc:"size of a request's headers"`
	HTTPHeaderTimeout    Duration `koanf:"http_header_timeout" default:"10s" doc:"time for a request's headers to arrive"`
	HTTPBodyBytes        Size     `koanf:"http_body_bytes" default:"1MiB" doc:"size of a body with a document"`
	UploadBytes          Size     `koanf:"upload_bytes" default:"512MiB" doc:"size of an upload"`
	HTTPReadIdle         Duration `koanf:"http_read_idle" default:"30s" doc:"time without a byte of a body"`
	HTTPMinRate          Size     `koanf:"http_min_rate" default:"16KiB" doc:"bytes a second that an upload reaches after 30 s"`
	HTTPWriteIdle        Duration `koanf:"http_write_idle" default:"30s" doc:"time without a byte of an answer taken"`
	HTTPIdleTimeout      Duration `koanf:"http_idle_timeout" default:"2m" doc:"time that a connection is kept without a request"`
	DrainTimeout         Duration `koanf:"drain_timeout" default:"20s" doc:"time for requests to end when the service stops"`
	HTTPConnections      int      `koanf:"http_connections" default:"8192" doc:"connections at once"`
	AddressConnections   int      `koanf:"address_connections" default:"512" doc:"connections at once from an address; 0: any number"`
	TokenConcurrency     int      `koanf:"token_concurrency" default:"64" doc:"requests at once with a token"`
	AddressConcurrency   int      `koanf:"address_concurrency" default:"32" doc:"requests at once from an address without a valid token"`
	WorkspaceConcurrency int      `koanf:"workspace_concurrency" default:"512" doc:"requests at once in a workspace"`
	StreamConcurrency    int      `koanf:"stream_concurrency" default:"50" doc:"event streams at once with a token or of a member"`
	Streams              int      `koanf:"streams" default:"2000" doc:"event streams at once on a node"`
	TokenRate            int      `koanf:"token_rate" default:"0" doc:"requests a minute with a secret or personal token; 0: any number"`
	PublishableRate      int      `koanf:"publishable_rate" default:"1200" doc:"requests a minute with a publishable token from an address; 0: any number"`
	PublishableBytes     Size     `koanf:"publishable_bytes" default:"2GiB" doc:"bytes an hour with a publishable token to an address; 0: any number"`
	AnswerMemory         Size     `koanf:"answer_memory" default:"1MiB" doc:"part of an answer that waits in memory for its client"`
	AnswerSpool          Size     `koanf:"answer_spool" default:"1GiB" doc:"size of an answer"`
	SpoolBytes           Size     `koanf:"spool_bytes" default:"0" doc:"disk for all answers and uploads; 0: 8 GiB, or a tenth of the disk when that is less"`
	SpoolDir             string   `koanf:"spool_dir" doc:"folder for answers and uploads (default spool in dir)"`

	MaxMembers      int `koanf:"max_members" default:"1000" doc:"members of a workspace"`
	MaxTokens       int `koanf:"max_tokens" default:"1000" doc:"API tokens of a workspace"`
	MaxIntegrations int `koanf:"max_integrations" default:"100" doc:"integrations of a workspace"`
	MaxKeys         int `koanf:"max_keys" default:"200" doc:"access keys of a workspace"`
	MaxSources      int `koanf:"max_sources" default:"1000" doc:"sources of a workspace"`
	MaxDatasets     int `koanf:"max_datasets" default:"10000" doc:"datasets of a workspace"`
	MaxProviders    int `koanf:"max_providers" default:"50" doc:"providers of a workspace"`
	MaxGrants       int `koanf:"max_grants" default:"500" doc:"grants of a workspace"`

	SecurityDays int    `koanf:"security_days" default:"400" doc:"days for which entries of the security log are kept"`
	KeyFile      string `koanf:"master_key_file" doc:"file that keeps the master key (default: master.key in dir)"`
}

// Sources are where values come from. Flags has the flags that were set, by
// koanf name.
type Sources struct {
	File   string // a TOML file; empty: none
	Getenv func(string) string
	Flags  map[string]string
}

// Load fills a Config and checks it whole.
func Load(sources Sources) (Config, error) {
	c, _, err := load(sources)
	return c, err
}

// load also returns where each value that isn't a default comes from, by name.
func load(sources Sources) (Config, map[string]Origin, error) {
	origins := map[string]Origin{}
	k := koanf.New(".")
	if err := k.Load(confmap.Provider(defaults(), "."), nil); err != nil {
		return Config{}, nil, fmt.Errorf("loading defaults: %w", err)
	}
	if sources.File != "" {
		inFile := koanf.New(".")
		err := inFile.Load(file.Provider(sources.File), toml.Parser())
		if errors.Is(err, fs.ErrNotExist) {
			return Config{}, nil, problem.New(problem.Invalid, "There is no configuration file %s.", sources.File)
		}
		if err != nil {
			return Config{}, nil, problem.New(problem.Invalid, "The configuration file %s cannot be read: %w.", sources.File, err)
		}
		if err := errors.Join(knownOnly(inFile, sources.File), k.Merge(inFile)); err != nil {
			return Config{}, nil, err
		}
		for _, key := range inFile.Keys() {
			origins[key] = FromFile
		}
	}
	for _, field := range Fields() {
		if v := sources.Getenv(field.Env); v != "" {
			_ = k.Set(field.Name, v)
			origins[field.Name] = FromEnvironment
		}
		if v, ok := sources.Flags[field.Name]; ok {
			_ = k.Set(field.Name, v)
			origins[field.Name] = FromFlag
		}
	}
	var c Config
	if err := k.Unmarshal("", &c); err != nil {
		return Config{}, nil, problem.New(problem.Invalid, "The configuration is wrong: %w.", err)
	}
	c.fill()
	return c, origins, c.check()
}

// fill derives what follows from other fields.
func (c *Config) fill() {
	if c.Database == "" {
		c.Database = filepath.Join(c.Dir, "windlass.db")
	}
	if c.PublicURL == "" {
		c.PublicURL = c.localURL()
	}
	if c.SpoolDir == "" {
		c.SpoolDir = filepath.Join(c.Dir, "spool")
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	if u, err := url.Parse(c.OIDCIssuer); err == nil && c.OIDCName == "" {
		c.OIDCName = u.Host
	}
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
		add("public_url", "is not an address such as https://windlass.example.com")
	}
	if c.AWSEndpoint != "" {
		if u, err := url.Parse(c.AWSEndpoint); err != nil || u.Host == "" {
			add("aws_endpoint", "is not an address such as http://127.0.0.1:9090")
		}
	}
	if c.TemplateURL != "" && aws.CheckTemplateURL(c.TemplateURL) != nil {
		add("template_url", "is not an object in S3 such as https://BUCKET.s3.REGION.amazonaws.com/windlass.yaml")
	}
	if u, err := url.Parse(c.OIDCIssuer); c.OIDCIssuer != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost") {
		add("oidc_issuer", "is not an address such as https://accounts.example.com")
	}
	if (c.OIDCIssuer == "") != (c.OIDCClient == "") {
		add("oidc_client", "and oidc_issuer are given together, or neither")
	}
	if c.MemoryMB < 64 {
		add("memory_mb", "is less than 64")
	}
	if c.HistoryKeep < 2 { // what changed is told from two
		add("history_keep", "is less than 2")
	}
	if c.HistoryDays < 1 {
		add("history_days", "is less than 1")
	}
	c.checkNetwork(add)
	if c.Loads < 1 || c.Loads > 64 {
		add("loads", "is not between 1 and 64")
	}
	if c.SecurityDays < 1 {
		add("security_days", "is less than 1")
	}
	for name, n := range map[string]int64{
		"workspace_queue": int64(c.WorkspaceQueue), "load_crashes": int64(c.LoadCrashes),
		"reject_rows": c.RejectRows, "reject_bytes": int64(c.RejectBytes), "unpacked_bytes": int64(c.UnpackedBytes),
	} {
		if n < 1 {
			add(name, "is less than 1")
		}
	}
	if c.WorkspaceLoads < 0 || c.WorkspaceLoads > c.Loads {
		add("workspace_loads", "is not between 0 and loads")
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		add("log_format", `is neither "text" nor "json"`)
	}
	c.checkHTTP(add)
	if len(findings) > 0 {
		return problem.New(problem.Invalid, "The configuration is wrong.").WithFindings(findings...)
	}
	return nil
}

// TLS says whether browsers reach the service over TLS.
func (c *Config) TLS() bool { return strings.HasPrefix(c.PublicURL, "https://") }

// MasterKeyFile returns the file that keeps the master key when it isn't given.
func (c *Config) MasterKeyFile() string {
	if c.KeyFile != "" {
		return c.KeyFile
	}
	return filepath.Join(c.Dir, "master.key")
}

// VaultTokenSecret is the given token for Vault.
func (c *Config) VaultTokenSecret() secret.String { return secret.New(c.VaultToken) }

// MasterKeySecret is the given master key.
func (c *Config) MasterKeySecret() secret.String { return secret.New(c.MasterKey) }

// Field describes one member of Config, for flags, help and the reference.
type Field struct {
	Name, Flag, Env, Default, Doc string
	Secret                        bool
	Bool                          bool // its flag needs no value
}

// Fields lists the members of Config, in order.
func Fields() []Field {
	t := reflect.TypeFor[Config]()
	fields := make([]Field, 0, t.NumField())
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		name := tag.Get("koanf")
		fields = append(fields, Field{
			Name: name, Flag: strings.ReplaceAll(name, "_", "-"), Env: "WINDLASS_" + strings.ToUpper(name),
			Default: tag.Get("default"), Doc: tag.Get("doc"), Secret: tag.Get("secret") == "true",
			Bool: t.Field(i).Type.Kind() == reflect.Bool,
		})
	}
	return fields
}

func defaults() map[string]any {
	values := map[string]any{}
	for _, field := range Fields() {
		if n, err := strconv.Atoi(field.Default); err == nil {
			values[field.Name] = n
		} else if field.Default != "" {
			values[field.Name] = field.Default
		}
	}
	return values
}

// knownOnly refuses a file with a member that means nothing: it is a slip.
func knownOnly(k *koanf.Koanf, name string) error {
	known := map[string]bool{}
	for _, field := range Fields() {
		known[field.Name] = true
	}
	var findings []problem.Finding
	for _, key := range k.Keys() {
		if !known[key] {
			findings = append(findings, problem.Finding{Path: key, Message: "is not a setting"})
		}
	}
	if len(findings) > 0 {
		return problem.New(problem.Invalid, "The configuration file %s has settings that do not exist.", name).WithFindings(findings...)
	}
	return nil
}
