package api_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/client"
)

// A document may be JSON, a string, or the output of the aws command.
func TestCheckTakesDocumentsAsTheyCome(t *testing.T) {
	t.Parallel()
	c := openClinic(t)
	i := c.connect(t)
	trust := string(i.Setup.TrustPolicy)
	for name, body := range map[string]string{
		"JSON":     `{"trust_policy":` + trust + `,"permission_policies":[` + string(i.Setup.PermissionPolicy) + `]}`,
		"wrapped":  `{"trust_policy":{"Role":{"AssumeRolePolicyDocument":` + trust + `}}}`,
		"a string": `{"trust_policy":"` + strings.NewReplacer("\n", `\n`, `"`, `\"`).Replace(trust) + `"}`,
	} {
		status, text := c.do(t, "POST", "/integrations/"+i.ID+"/check", body)
		if status != 200 || !strings.Contains(text, `"verdict":"fits"`) {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	for name, body := range map[string]string{
		"nothing":   `{}`,
		"a number":  `{"trust_policy":7}`,
		"too long":  `{"trust_policy":"` + strings.Repeat("x", 33<<10) + `"}`,
		"too many":  `{"permission_policies":["{}","{}","{}","{}","{}","{}","{}","{}","{}","{}","{}"]}`,
		"alone":     `{"bucket_policies":{"acme-data":{}}}`,
		"elsewhere": `{"permission_policies":["{}"],"bucket_policies":{"other":{}}}`,
		"no key":    `{"permission_policies":["{}"],"key_policies":{"arn:aws:kms:eu-west-1:111122223333:key/1":{}}}`,
		"no member": `{"trust":{}}`,
	} {
		if status, text := c.do(t, "POST", "/integrations/"+i.ID+"/check", body); status != 422 {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	checked, err := c.client.CheckIntegration(t.Context(), "acme",
		client.PastedDocuments{TrustPolicy: "no policy at all"})
	if err != nil || checked.Verdict != "unreadable" {
		t.Errorf("no policy: %+v, %v", checked, err)
	}
}
