package principal_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/principal"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/sandboxtest"
)

type discard struct{}

func (discard) Record(context.Context, access.Decision) error { return nil }

var member = access.Actor{Kind: access.Member, ID: "mem_1", Workspace: "ws_1", Member: "mem_1", Role: access.Owner}

// show returns the report of a service with these credentials.
func show(t *testing.T, server *sandboxtest.Server, keys aws.Credentials) principal.Report {
	t.Helper()
	report, err := service(server, aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials,
		error,
	) {
		return keys, nil
	})).Show(t.Context(), member)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func service(server *sandboxtest.Server, keys aws.CredentialsProvider) *principal.Service {
	config := aws.Config{Region: "us-east-1", Credentials: keys}
	carrier := &http.Client{}
	return principal.New(principal.Config{
		Checker: access.NewChecker(discard{}, time.Now),
		Roles:   assume.New(assume.Config{AWS: config, Endpoint: server.URL, HTTPClient: carrier, Now: time.Now}),
		AWS:     config, Endpoint: server.URL, HTTPClient: carrier, Now: time.Now,
	})
}

func warned(r principal.Report) []string {
	out := []string{}
	for _, w := range r.Warnings {
		if w.Message == "" || w.Fix == "" {
			out = append(out, "wordless")
		}
		out = append(out, w.Code)
	}
	return out
}

func answers(r principal.Report) map[string]string {
	out := map[string]string{}
	for _, right := range r.Rights {
		out[right.Action] = string(right.Answer) + " " + right.By
	}
	return out
}

const assumes = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`

func TestShow(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	long, user := server.MustUser(t, server.Service, "windlass", assumes)
	long.Source = "EnvConfigCredentials"

	t.Run("a user with a key", func(t *testing.T) {
		t.Parallel()
		got := show(t, server, long)
		if got.CallerARN != user || got.ARN != user || got.Source.Kind != principal.Environment || !got.LongTerm ||
			got.Root || got.RequestID == "" {
			t.Errorf("got %+v", got)
		}
		if diff := cmp.Diff([]string{"long-term-key"}, warned(got)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		want := map[string]string{
			"s3:ListAllMyBuckets": "refused tried", "iam:ListUsers": "refused tried",
			"iam:SimulatePrincipalPolicy": "refused tried",
		}
		if diff := cmp.Diff(want, answers(got)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("a role", func(t *testing.T) {
		t.Parallel()
		role := server.MustRole(t, server.Service, "windlass-role",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+user+
				`"},"Action":"sts:AssumeRole"}]}`, assumes)
		keys := server.MustAssume(t, long, role, "")
		keys.Source = "EC2RoleProvider"
		got := show(t, server, keys)
		if got.ARN != role || got.LongTerm || got.Source.Kind != principal.Instance || !strings.Contains(got.CallerARN,
			":assumed-role/windlass-role/") {
			t.Errorf("got %+v", got)
		}
		if diff := cmp.Diff([]string{}, warned(got)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("a user with more permissions", func(t *testing.T) {
		t.Parallel()
		keys, _ := server.MustUser(t, server.Service, "mighty",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","s3:*","iam:SimulatePrincipalPolicy"],"Resource":"*"}]}`)
		keys.Source = "SharedConfigCredentials: /home/x/.aws/credentials"
		got := show(t, server, keys)
		if diff := cmp.Diff([]string{"too-much", "long-term-key"}, warned(got)); diff != "" ||
			got.Source.Kind != principal.SharedConfig {
			t.Errorf("%s (-want +got):\n%s", got.Source.Kind, diff)
		}
		for action, want := range map[string]string{
			"s3:ListAllMyBuckets": "allowed tried", "iam:ListUsers": "refused tried",
			"sts:TagSession": "unknown simulated",
			"s3:PutObject":   "allowed simulated", "iam:CreateUser": "refused simulated",
		} {
			if got := answers(got)[action]; got != want {
				t.Errorf("%s: %s, want %s", action, got, want)
			}
		}
		if m := got.Warnings[0].Message; !strings.Contains(m, "s3:DeleteObject") || strings.Contains(m, "Simulate") ||
			strings.Contains(m, "sts:") {
			t.Errorf("the message is %q", m)
		}
	})
	t.Run("the root user", func(t *testing.T) {
		t.Parallel()
		keys := server.Service.Keys
		keys.Source = "EnvConfigCredentials"
		got := show(t, server, keys)
		if diff := cmp.Diff([]string{"root"}, warned(got)); diff != "" || !got.Root || len(got.Rights) != 0 {
			t.Errorf("(-want +got):\n%s\n%+v", diff, got)
		}
	})
	t.Run("an unknown key", func(t *testing.T) {
		t.Parallel()
		got := show(t, server, aws.Credentials{
			AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x",
			Source: "EnvConfigCredentials",
		})
		if diff := cmp.Diff([]string{"no-answer"}, warned(got)); diff != "" || got.CallerARN != "" ||
			!strings.Contains(got.Warnings[0].Message, "InvalidClientTokenId") {
			t.Errorf("(-want +got):\n%s\n%+v", diff, got)
		}
	})
	t.Run("no credentials", func(t *testing.T) {
		t.Parallel()
		none := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, errors.New("no EC2 IMDS role found")
		})
		got, err := service(server, none).Show(t.Context(), member)
		if diff := cmp.Diff([]string{"none"}, warned(got)); err != nil || diff != "" ||
			got.Source.Kind != principal.None {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

func TestShowReusesTheReport(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	keys, _ := server.MustUser(t, server.Service, "windlass", assumes)
	s := service(server, aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return keys,
			nil
	}))
	first, err := s.Show(t.Context(), member)
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Show(t.Context(), member)
	if err != nil || second.RequestID != first.RequestID || first.RequestID == "" {
		t.Errorf("the second report is of request %q, the first of %q, %v", second.RequestID, first.RequestID, err)
	}
	for _, stranger := range []access.Actor{
		{},
		{Kind: access.Anonymous},
		{Kind: access.Publishable, ID: "tok_1", Workspace: "ws_1", Member: "mem_1", Role: access.Owner},
	} {
		if _, err := s.Show(t.Context(), stranger); err == nil || problem.Is(err, problem.Internal) {
			t.Errorf("%s: got %v, want a refusal", stranger.Kind, err)
		}
	}
}
