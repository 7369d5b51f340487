package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// onboard sends a request like the platform's clients.
func (c *clinic) onboard(t *testing.T, method, path, bearer string) (int, map[string]any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, c.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	response, err := c.server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	body := map[string]any{}
	if method != http.MethodHead {
		if err := json.Unmarshal(text, &body); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	return response.StatusCode, body
}

const onboardedRole = "arn:aws:iam::222222222222:role/reader"

// TestOnboarding follows the order of the platform's own call: the request has
// the role's ARN, and the response has the External ID and the user ARN.
// Repeating it, in any of its forms, creates no second integration.
func TestOnboarding(t *testing.T) {
	t.Parallel()
	c := openClinic(t)
	status, first := c.onboard(t, http.MethodGet, "/v1/aws-onboarding/demo?arnrole="+onboardedRole+"&token=sk_right",
		"")
	if status != http.StatusOK || first["success"] != true || first["message"] != "AWS integration has been created" ||
		first["userArn"] != c.Principal || first["roleArn"] != onboardedRole ||
		len(first["externalId"].(string)) != 32 {
		t.Fatalf("got %d %v", status, first)
	}
	for _, again := range [][2]string{
		{http.MethodGet, "/v1/aws-onboarding/demo?arnrole=" + onboardedRole},
		{http.MethodGet, "/v1/aws-onboarding/demo/configure-aws-s3?arnrole=" + onboardedRole},
		{http.MethodPost, "/v1/aws-onboarding/demo?arnrole=" + onboardedRole},
	} {
		status, body := c.onboard(t, again[0], again[1], "sk_right")
		if status != http.StatusOK || body["id"] != first["id"] || body["externalId"] != first["externalId"] ||
			body["message"] != "AWS integration exists" {
			t.Errorf("%v: got %d %v", again, status, body)
		}
	}
	other := strings.Replace(onboardedRole, "222222222222", "333333333333", 1)
	_, body := c.onboard(t, http.MethodGet, "/v1/aws-onboarding/demo?arnrole="+other, "sk_right")
	if body["id"] != first["id"] || body["externalId"] != first["externalId"] || body["roleArn"] != other {
		t.Errorf("another role edits the integration: got %v", body)
	}
}

func TestOnboardingManyAtOnce(t *testing.T) {
	t.Parallel()
	c := openClinic(t)
	var group sync.WaitGroup
	ids := make([]any, 8)
	for n := range ids {
		group.Go(func() {
			_, body := c.onboard(t, http.MethodGet, "/v1/aws-onboarding/demo?arnrole="+onboardedRole, "sk_right")
			ids[n] = body["id"]
		})
	}
	group.Wait()
	for _, id := range ids {
		if id == nil || id != ids[0] {
			t.Fatalf("several integrations of one role: %v", ids)
		}
	}
}

func TestOnboardingRefuses(t *testing.T) {
	t.Parallel()
	c := openClinic(t)
	const path = "/v1/aws-onboarding/demo?arnrole=" + onboardedRole
	for name, tt := range map[string]struct {
		method, path, bearer string
		status               int
	}{
		"nobody":           {http.MethodGet, path, "", http.StatusUnauthorized},
		"an unknown token": {http.MethodGet, path, "sk_wrong", http.StatusUnauthorized},
		"another workspace": {
			http.MethodGet, strings.Replace(path, "demo", "other", 1), "sk_right",
			http.StatusNotFound,
		},
		"no role": {http.MethodGet, "/v1/aws-onboarding/demo", "sk_right", http.StatusBadRequest},
		"a user": {
			http.MethodGet, strings.Replace(path, ":role/", ":user/", 1), "sk_right",
			http.StatusBadRequest,
		},
		"a chosen External ID": {http.MethodGet, path + "&externalId=mine", "sk_right", http.StatusBadRequest},
		"HEAD":                 {http.MethodHead, path, "sk_right", http.StatusBadRequest},
	} {
		if status, body := c.onboard(t, tt.method, tt.path, tt.bearer); status != tt.status {
			t.Errorf("%s: got %d %v, want %d", name, status, body, tt.status)
		}
	}
	if status, listed := c.do(t, http.MethodGet, "/integrations", ""); status != http.StatusOK ||
		!strings.Contains(listed, `"items":[]`) {
		t.Errorf("what was refused made something: %s", listed)
	}
}
