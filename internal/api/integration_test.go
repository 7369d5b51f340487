package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

// clinic is an API with integrations and the doctor, in a world with an AWS.
// Its workspace is "demo", with doctortest's ID.
type clinic struct {
	*doctortest.World
	server *httptest.Server
	client *client.Client
}

func openClinic(t *testing.T) *clinic {
	t.Helper()
	c := &clinic{World: doctortest.Start(t)}
	a, err := api.New(api.Config{
		Version: "test", Authenticator: oneToken{}, Workspaces: oneWorkspace{}, Logger: slog.New(slog.DiscardHandler),
		Now:      time.Now,
		Services: api.Services{Integrations: c.Integrations, Doctor: c.Doctor},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.server = httptest.NewServer(a.Handler())
	t.Cleanup(c.server.Close)
	if c.client, err = client.New(client.Config{URL: c.server.URL, Token: "sk_right", Workspace: "demo"}); err != nil {
		t.Fatal(err)
	}
	return c
}

// connect creates an integration and its role from the documents of the API.
func (c *clinic) connect(t *testing.T) client.Integration {
	t.Helper()
	made, err := c.client.CreateIntegration(t.Context(), client.IntegrationSpec{
		Name: "acme", Locations: []client.Location{{Bucket: doctortest.Bucket, Prefix: "daily"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	role := c.AWS.MustRole(t, c.AWS.Customer, doctortest.RoleName, string(made.Setup.TrustPolicy),
		string(made.Setup.PermissionPolicy))
	given, err := c.client.UpdateIntegration(t.Context(), made.ID, client.IntegrationChange{RoleARN: &role})
	if err != nil {
		t.Fatal(err)
	}
	return given
}

// do sends a request unchanged and returns the response.
func (c *clinic) do(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, c.server.URL+"/v1/workspaces/demo"+path,
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer sk_right")
	request.Header.Set("Content-Type", "application/json")
	response, err := c.server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode, string(text)
}

func TestIntegrationFromReservationToVerified(t *testing.T) {
	t.Parallel()
	c := openClinic(t)
	i := c.connect(t)
	if i.State != "unverified" || i.PrincipalARN != c.Principal || len(i.ExternalID) != 32 ||
		i.Locations[0].String() != "s3://acme-data/daily/" {
		t.Errorf("got %+v", i)
	}
	begun, err := c.client.Verify(t.Context(), "acme", false)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	v, err := c.client.WatchVerification(t.Context(), i.ID, begun.ID,
		func(check client.Check) { seen = append(seen, check.Code) })
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, check := range v.Checks {
		kept = append(kept, check.Code)
	}
	if diff := cmp.Diff(kept, seen); diff != "" || v.State != "verified" || len(seen) != 13 {
		t.Errorf("%s (-kept +seen):\n%s", v.State, diff)
	}
	if waited, err := c.client.Verify(t.Context(), i.ID, true); err != nil || waited.State != "verified" ||
		len(waited.Checks) != 13 || waited.Subject.RoleARN != i.RoleARN {
		t.Errorf("waited: %+v, %v", waited, err)
	}
	found, err := c.client.Verifications(t.Context(), i.ID, client.PageOptions{})
	if err != nil || len(found.Items) != 2 {
		t.Errorf("history: %d, %v", len(found.Items), err)
	}
	page, err := c.client.VerificationReport(t.Context(), i.ID, v.ID)
	if err != nil || !strings.Contains(page, i.ExternalID) || !strings.Contains(page,
		"Verified: it opens what was declared") {
		t.Errorf("the report: %v\n%s", err, page)
	}
	again, err := c.client.Verification(t.Context(), i.ID, v.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(v, again); diff != "" {
		t.Errorf("got again (-watched +kept):\n%s", diff)
	}
}

func TestVerifyAnswersAsDesigned(t *testing.T) {
	t.Parallel()
	c := openClinic(t)
	i := c.connect(t)
	c.AWS.MustTrust(t, c.AWS.Customer, doctortest.RoleName, strings.Replace(string(i.Setup.TrustPolicy), i.ExternalID,
		"0000", 1))
	c.Settle()
	body := fmt.Sprintf(`{"documents":{"trust_policy":%s}}`, strings.Replace(string(i.Setup.TrustPolicy), i.ExternalID,
		"0000", 1))
	status, text := c.do(t, "POST", "/integrations/"+i.ID+"/verifications?wait=true", body)
	var answer struct {
		State  string
		Checks []struct {
			Code, Status, Detail, Cause string
			CauseCode                   string `json:"cause_code"`
			Fix                         *struct {
				Text, Diff, Command string
				Document            json.RawMessage
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != http.StatusCreated ||
		answer.State != "failing" || len(answer.Checks) != 13 {
		t.Fatalf("got %d %s", status, text)
	}
	assume := answer.Checks[2]
	if assume.Code != "assume" || assume.Status != "fail" || assume.CauseCode != "trust-wrong-external-id" ||
		!strings.Contains(assume.Cause, "0000") ||
		!strings.Contains(assume.Fix.Diff, "+          \"sts:ExternalId\": \""+i.ExternalID) ||
		!json.Valid(assume.Fix.Document) || !strings.HasPrefix(assume.Fix.Command,
		"aws iam update-assume-role-policy") {
		t.Errorf("got %+v with %+v", assume, assume.Fix)
	}
	if list := answer.Checks[6]; list.Code != "list" || list.Status != "skip" {
		t.Errorf("got %+v", list)
	}
}

func TestIntegrationRefusals(t *testing.T) {
	t.Parallel()
	c := openClinic(t)
	i := c.connect(t)
	one := "/integrations/" + i.ID
	for name, tt := range map[string]struct {
		method, path, body string
		status             int
		code, says         string
	}{
		"an External ID": {
			"POST", "/integrations", `{"external_id":"0123"}`, 422, "invalid",
			"Remove external_id",
		},
		"an External ID, on edit": {
			"PATCH", one, `{"external_id":"0123"}`, 422, "invalid",
			"another customer's role",
		},
		"an unknown role": {
			"POST", "/integrations", `{"role_arn":"arn:aws:iam::1:role/x"}`, 422, "invalid",
			"summary page in IAM",
		},
		"an unknown member": {
			"POST", "/integrations", `{"principal_arn":"arn:aws:iam::1:user/x"}`, 422,
			"invalid", "principal_arn",
		},
		"a prefix that climbs": {
			"PATCH", one, `{"locations":[{"bucket":"acme-data","prefix":"../"}]}`, 422,
			"invalid", "locations[0].prefix",
		},
		"the role taken away": {"PATCH", one, `{"role_arn":""}`, 422, "invalid", "can't be removed"},
		"an integration of nobody": {
			"GET", "/integrations/int_00000000000000000000000000", "", 404, "not_found",
			"There is no integration",
		},
		"a verification of nobody": {
			"GET", one + "/verifications/ver_0", "", 404, "not_found",
			"There is no verification",
		},
		"events of nobody": {
			"GET", one + "/verifications/ver_0/events", "", 404, "not_found",
			"There is no verification",
		},
		"documents in no format": {"GET", one + "/setup?format=pdf", "", 422, "invalid", "the formats are"},
		"no rotation":            {"POST", one + "/rotation/complete", "", 409, "conflict", "isn't being rotated"},
		"a restoring of what is": {"POST", one + "/restore", "", 409, "conflict", "isn't removed"},
		"an invalid document": {
			"POST", one + "/verifications", `{"documents":{"trust_policy":"{"}}`, 422,
			"invalid", "trust_policy",
		},
		"a body that is no JSON": {"PATCH", one, `{`, 400, "invalid", ""},
		"a location of another row": {
			"POST", "/integrations",
			`{"locations":[{"bucket":"acme-data","prefix":"a/"},{"bucket":"acme-data","prefix":"a/b/"}]}`, 422,
			"invalid", "overlap",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, text := c.do(t, tt.method, tt.path, tt.body)
			var answer api.Problem
			if err := json.Unmarshal([]byte(text), &answer); err != nil || status != tt.status ||
				string(answer.Code) != tt.code || !strings.Contains(text, tt.says) || answer.RequestID == "" {
				t.Errorf("want %d %s that says %q, got %d %s", tt.status, tt.code, tt.says, status, text)
			}
		})
	}
}

func TestIntegrationLife(t *testing.T) {
	t.Parallel()
	c := openClinic(t)
	i := c.connect(t)
	more := []client.Location{{Bucket: "acme-more"}}
	edited, err := c.client.UpdateIntegration(t.Context(), i.ID, client.IntegrationChange{Locations: &more})
	if err != nil || edited.Diff == nil || !strings.Contains(edited.Diff.PermissionPolicy, "acme-more") ||
		edited.Diff.TrustPolicy != "" {
		t.Errorf("edited: %+v, %v", edited.Diff, err)
	}
	for _, format := range []string{"json", "cli", "terraform", "cloudformation", "console"} {
		if text, err := c.client.IntegrationSetup(t.Context(), i.ID, format); err != nil || !strings.Contains(text,
			i.ExternalID) {
			t.Errorf("%s: %v\n%s", format, err, text)
		}
	}
	rotating, err := c.client.StartRotation(t.Context(), i.ID)
	if err != nil || rotating.NextExternalID == "" || !strings.Contains(rotating.Diff.TrustPolicy,
		rotating.NextExternalID) {
		t.Errorf("rotating: %+v, %v", rotating, err)
	}
	if _, err := c.client.CompleteRotation(t.Context(), i.ID, i.Name); !client.IsCode(err, "refused") {
		t.Errorf("completed too early: %v", err)
	}
	if back, err := c.client.AbandonRotation(t.Context(), i.ID); err != nil || back.NextExternalID != "" ||
		back.ExternalID != i.ExternalID {
		t.Errorf("given up: %+v, %v", back, err)
	}
	if needed, err := c.client.IntegrationImpact(t.Context(), i.ID); err != nil || len(needed.Stops) != 0 ||
		needed.Confirm != i.Name || needed.Undo != "24h" {
		t.Errorf("impact: %v, %v", needed, err)
	}
	if err := c.client.RemoveIntegration(t.Context(), i.ID, ""); err != nil {
		t.Fatal(err)
	}
	if found, err := c.client.Integrations(t.Context(), client.PageOptions{}); err != nil || len(found.Items) != 0 {
		t.Errorf("after the removal: %v, %v", found.Items, err)
	}
	if back, err := c.client.RestoreIntegration(t.Context(), i.ID); err != nil || back.State != "unverified" ||
		back.ExternalID != i.ExternalID {
		t.Errorf("restored: %+v, %v", back, err)
	}
}
