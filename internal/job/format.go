package job

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// Format is a way to write credentials for a shell or a program to read.
type Format string

// The formats of variables.
const (
	Shell      Format = "sh"         // for eval in sh, bash, zsh
	Fish       Format = "fish"       // for source in fish
	PowerShell Format = "powershell" // for Invoke-Expression
	Dotenv     Format = "dotenv"     // a .env file; $GITHUB_ENV
)

// superseded has the variables that would take precedence over, or be used
// along with, the ones that are set.
var superseded = []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN"}

// Variables writes credentials as the variables that every AWS SDK reads.
func (c Credentials) Variables(format Format) (string, error) {
	pairs := [][2]string{
		{"AWS_ACCESS_KEY_ID", c.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", c.SecretAccessKey.Reveal()},
		{"AWS_SESSION_TOKEN", c.SessionToken.Reveal()},
		{"AWS_CREDENTIAL_EXPIRATION", c.Expiration.UTC().Format(time.RFC3339)},
	}
	var set func(name, value string) string
	var unset func(name string) string
	switch format {
	case Shell:
		set = func(name, value string) string { return "export " + name + "=" + quoteShell(value) }
		unset = func(name string) string { return "unset " + name }
	case Fish:
		set = func(name, value string) string { return "set -gx " + name + " " + quoteFish(value) }
		unset = func(name string) string { return "set -e " + name }
	case PowerShell:
		set = func(name, value string) string { return "$Env:" + name + " = " + quotePowerShell(value) }
		unset = func(name string) string { return "Remove-Item -ErrorAction Ignore Env:" + name }
	case Dotenv:
		set = func(name, value string) string { return name + "=" + quoteDotenv(value) }
	default:
		return "", problem.New(problem.Invalid, "Unknown format %q.", string(format)).
			WithHint("Use sh, fish, powershell or dotenv.")
	}
	var b strings.Builder
	for _, pair := range pairs {
		b.WriteString(set(pair[0], pair[1]) + "\n")
	}
	for _, name := range superseded {
		if unset != nil {
			b.WriteString(unset(name) + "\n")
		}
	}
	return b.String(), nil
}

// Process writes credentials as a credential_process does. See
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html.
func (c Credentials) Process() ([]byte, error) {
	return json.Marshal(struct { //nolint:gosec // G117: it is meant to return credentials
		Version         int
		AccessKeyID     string `json:"AccessKeyId"`
		SecretAccessKey string
		SessionToken    string
		Expiration      string
	}{1, c.AccessKeyID, c.SecretAccessKey.Reveal(), c.SessionToken.Reveal(), c.Expiration.UTC().Format(time.RFC3339)})
}

func quoteShell(value string) string { return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'" }

func quoteFish(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(value) + "'"
}

func quotePowerShell(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }

// quoteDotenv quotes a value, unless it only has characters of AWS's keys.
// $GITHUB_ENV, which doesn't support quotes, then accepts it, too.
func quoteDotenv(value string) string {
	if strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_.:-") == "" {
		return value
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "$", `\$`).Replace(value) + `"`
}
