package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/sandbox/s3api"
	"github.com/windlass-io/windlass/internal/secret"
)

// s3Marks excludes tests of features that the sandbox doesn't have: life
// cycle, logs, websites, other stores, and tests that fail on AWS according to
// s3-tests.
const s3Marks = `not lifecycle and not encryption and not bucket_logging and not fails_on_aws and not auth_aws2 and ` +
	`not s3website and not cloud_transition and not cloud_restore and not iam_account and not sse_s3 and not ` +
	`appendobject and not lifecycle_expiration and not lifecycle_transition`

// s3Account is one of the accounts that s3-tests needs.
type s3Account struct{ section, id, canonical, key, secret string }

func s3Accounts() []s3Account {
	return []s3Account{
		{
			"s3 main",
			"000000000001",
			strings.Repeat("1", 64),
			"AKIAMAINMAINMAINMAIN",
			"conformance/main/secret/key/of/40/chars.",
		},
		{
			"s3 alt",
			"000000000002",
			strings.Repeat("2", 64),
			"AKIAALTALTALTALTALTA",
			"conformance/alt/secret/key/of/40/charss.",
		},
		{
			"s3 tenant",
			"000000000003",
			strings.Repeat("3", 64),
			"AKIATENANTTENANTTENA",
			"conformance/tenant/secret/key/of/40/chr.",
		},
	}
}

// s3Tests runs Ceph's tests of buckets and objects against a sandbox that
// creates buckets like AWS before April 2023, as the tests expect. Their
// output goes to out.
func s3Tests(ctx context.Context, o options, out io.Writer) error {
	config := sandbox.Config{Buckets: s3api.BucketDefaults{Ownership: "ObjectWriter", PublicAccess: true}}
	for _, a := range s3Accounts() {
		config.Accounts = append(
			config.Accounts,
			sandbox.AccountSpec{
				ID:                  a.id,
				Name:                a.section,
				CanonicalID:         a.canonical,
				RootAccessKeyID:     a.key,
				RootSecretAccessKey: secret.New(a.secret),
			},
		)
	}
	return serve(ctx, config, true, func(address string) error {
		dir, err := os.MkdirTemp("", "s3-tests-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		settings := filepath.Join(dir, "s3.conf")
		if err := os.WriteFile(settings, s3Settings(address), 0o600); err != nil {
			return err
		}
		command := exec.CommandContext( //nolint:gosec // the interpreter from the flags
			ctx,
			o.python,
			"-m",
			"pytest",
			"-q",
			"--tb=line",
			"-W",
			"ignore",
			"-p",
			"no:cacheprovider",
			"s3tests/functional/test_s3.py",
			"-m",
			s3Marks,
		)
		command.Dir, command.Stdout, command.Stderr = o.s3tests, out, out
		command.Env = append(withoutAWS(os.Environ()), "S3TEST_CONF="+settings)
		_ = command.Run() // a failed test isn't an error here
		return nil
	})
}

func s3Settings(address string) []byte {
	at, _ := url.Parse(address) // our own listener's
	var b bytes.Buffer
	fmt.Fprintf(
		&b,
		"[DEFAULT]\nhost = %s\nport = %s\nis_secure = False\nssl_verify = False\n",
		at.Hostname(),
		at.Port(),
	)
	b.WriteString(
		"[fixtures]\nbucket prefix = conformance-{random}-\niam name prefix = s3-tests-\niam path prefix = " +
			"/s3-tests/\n",
	)
	write := func(section string, a s3Account) {
		fmt.Fprintf(
			&b,
			"[%s]\ndisplay_name = %s\nuser_id = %s\nemail = %s@example.com\napi_name = %s\naccess_key = "+
				"%s\nsecret_key = %s\ntenant = testx\n",
			section,
			a.section[3:],
			a.canonical,
			a.section[3:],
			sandbox.DefaultRegion,
			a.key,
			a.secret,
		)
	}
	accounts := s3Accounts()
	for _, a := range accounts {
		write(a.section, a)
	}
	for _, section := range []string{"iam", "iam root", "iam alt root"} {
		write(section, accounts[0])
	}
	return b.Bytes()
}
