package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/iam/generate"
)

// steps walks the main job. A start that finds it done in its folder carries
// on from there.
func (d *demo) steps(ctx context.Context) error {
	found, err := d.api.Integrations(ctx, client.PageOptions{})
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context, []client.Integration) error{d.integrate, d.load, d.request, d.refuse} {
		if err := step(ctx, found.Items); err != nil {
			return err
		}
	}
	return d.finish()
}

// integrate does the steps of the AWS integration, or takes up the one that is
// there.
func (d *demo) integrate(ctx context.Context, found []client.Integration) error {
	if len(found) > 0 {
		d.tell.head("Carrying on from %s", d.dir)
		return d.verify(ctx, found[0])
	}
	d.tell.head("The customer, in AWS account %s (rehearsed here by windlass sandbox)", d.customer.account.ID)
	roleARN, err := d.customerSide(ctx)
	if err != nil {
		return err
	}
	d.tell.head("In Windlass: Sources › Credentials")
	made, err := d.api.CreateIntegration(ctx, client.IntegrationSpec{
		Name: "customer", RoleARN: roleARN, Access: "read", Locations: []client.Location{{Bucket: bucketName, Prefix: sharedPrefix}},
	})
	if err != nil {
		return err
	}
	d.tell.did("Create AWS integration", "%s for %s", made.ID, roleARN)
	d.tell.did("External ID and User ARN appear", "%s", made.ExternalID)
	d.tell.note("%35s%s", "", made.PrincipalARN)
	d.tell.head("The customer again")
	if err := d.customer.editTrust(ctx, string(made.Setup.TrustPolicy)); err != nil {
		return err
	}
	d.tell.did("Edit the role's trust policy", "principal and External ID replaced by those of the integration")
	return d.verify(ctx, made)
}

func (d *demo) customerSide(ctx context.Context) (roleARN string, err error) {
	files, err := d.files()
	if err != nil {
		return "", err
	}
	if err := d.customer.fill(ctx, files); err != nil {
		return "", err
	}
	d.tell.did("Fill the bucket", "s3://%s: %d objects under %s, 1 under %s", bucketName, len(files), sharedPrefix, privatePrefix)
	document, err := generate.PermissionPolicy(generate.Need{Access: generate.Read, Locations: []generate.Location{{Bucket: bucketName, Prefix: sharedPrefix}}})
	if err != nil {
		return "", err
	}
	policyARN, err := d.customer.createPolicy(ctx, string(document))
	if err != nil {
		return "", err
	}
	d.tell.did("Create a policy", "%s: the least that reads s3://%s/%s", policyARN, bucketName, sharedPrefix)
	roleARN, err = d.customer.createRole(ctx, policyARN)
	if err != nil {
		return "", err
	}
	d.tell.did("Create a role that uses it", "%s: this account, External ID required (a placeholder)", roleARN)
	return roleARN, nil
}

func (d *demo) files() ([]file, error) {
	if d.config.Data != "" {
		return folder(d.config.Data)
	}
	return sample()
}

func (d *demo) verify(ctx context.Context, integration client.Integration) error {
	d.tell.head("Windlass proves it, live")
	v, err := d.api.Verify(ctx, integration.ID, true)
	if err != nil {
		return err
	}
	for _, check := range v.Checks {
		d.report.Checks = append(d.report.Checks, ReportCheck{check.Code, check.Status})
		d.tell.note("%s %-18s %s", marks[check.Status], check.Code, first(check.Cause, check.Detail))
	}
	d.tell.did("Verify", "%s", v.State)
	integration, err = d.api.Integration(ctx, integration.ID)
	if err != nil {
		return err
	}
	d.report.Integration = ReportIntegration{integration.ID, integration.State, integration.ExternalID, integration.PrincipalARN, integration.RoleARN}
	if integration.State != "verified" {
		return fmt.Errorf("the integration is %s: %s", integration.State, integration.Reason)
	}
	return nil
}

// request asks for a row of each dataset, as an app would.
func (d *demo) request(ctx context.Context, _ []client.Integration) error {
	d.tell.head("An app reads")
	for i, made := range d.report.Datasets {
		address := d.url + "/v1/data/" + d.start.Workspace + "/" + made.Name + "?last=1"
		body, err := d.api.Data(ctx, made.Name, nil, url.Values{"last": {"1"}})
		if err != nil {
			return err
		}
		text, err := io.ReadAll(io.LimitReader(body, 1<<20))
		_ = body.Close()
		if err != nil {
			return fmt.Errorf("reading rows of %s: %w", made.Name, err)
		}
		var rows []json.RawMessage
		if err := json.Unmarshal(text, &rows); err != nil {
			return fmt.Errorf("rows of %s: %w", made.Name, err)
		}
		d.report.Requests = append(d.report.Requests, ReportRequest{address, http.StatusOK, len(rows)})
		if i == 0 {
			d.tell.did("GET /v1/data", "%s", address)
			d.tell.note("%.300s", text)
		}
	}
	return nil
}

// refuse shows that what was not declared stays shut.
func (d *demo) refuse(ctx context.Context, _ []client.Integration) error {
	d.tell.head("What was not declared")
	_, err := d.api.CreateSource(ctx, client.SourceSpec{Integration: d.report.Integration.ID, Bucket: bucketName, Pattern: privatePrefix + "*"})
	if !client.IsCode(err, "forbidden") {
		return fmt.Errorf("a source at s3://%s/%s was not refused: %w", bucketName, privatePrefix, err)
	}
	d.tell.did("Ask for "+privatePrefix, "refused: %v", err)
	d.report.Refused = append(d.report.Refused, ReportRefusal{"s3://" + bucketName + "/" + privatePrefix + "*", err.Error()})
	return nil
}

// finish tells where to go on, or gives the report.
func (d *demo) finish() error {
	if d.config.JSON {
		encoder := json.NewEncoder(d.config.Out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(d.report)
	}
	if d.config.Once {
		d.tell.line("\nAll of it was real: signed calls over HTTP, decided by the policies above.")
		return nil
	}
	d.tell.head("Go on by hand (Ctrl-C ends it%s)", map[bool]string{true: "; nothing is kept"}[d.config.Dir == ""])
	d.tell.line("  console  %s\n           the link signs you in once, within 15 minutes", d.start.SignIn.Reveal())
	d.tell.line("  command  export WINDLASS_URL=%s WINDLASS_WORKSPACE=%s WINDLASS_TOKEN=\"$(cat %s)\"\n           windlass integration list",
		d.url, d.start.Workspace, d.tokenFile())
	if len(d.report.Datasets) > 0 {
		d.tell.line("  app      curl -H \"Authorization: Bearer $WINDLASS_TOKEN\" '%s/v1/data/%s/%s?last=3'",
			d.url, d.start.Workspace, d.report.Datasets[0].Name)
	}
	d.tell.line("  AWS      as the customer, whose key opens nothing but this rehearsal:\n%s           aws iam get-role --role-name %s", d.exports(), roleName)
	return nil
}

// exports is what the customer's shell is given.
func (d *demo) exports() string {
	const line = "           export %s\n"
	account := d.customer.account
	return fmt.Sprintf(line+line+line,
		"AWS_ENDPOINT_URL="+d.endpoint+" AWS_REGION="+d.sandbox.Region()+" AWS_DEFAULT_REGION="+d.sandbox.Region(),
		"AWS_ACCESS_KEY_ID="+account.RootAccessKeyID,
		"AWS_SECRET_ACCESS_KEY="+account.RootSecretAccessKey.Reveal())
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// datasetNames makes a dataset's name of each key: "shared/levels.csv.gz" is
// levels, and where two would be alike, levels_csv_gz.
func datasetNames(keys []string) []string {
	count := map[string]int{}
	for _, key := range keys {
		count[strings.ToLower(stem(key))]++
	}
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = stem(key)
		if count[strings.ToLower(names[i])] > 1 {
			names[i] = path.Base(key)
		}
		names[i] = strings.Map(func(r rune) rune {
			if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
				return r
			}
			return '_'
		}, names[i])
	}
	return names
}

func stem(key string) string {
	name, _, _ := strings.Cut(path.Base(key), ".")
	return name
}
