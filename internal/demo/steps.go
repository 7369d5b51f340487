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

// steps runs the steps, or resumes if an earlier run in the same folder did
// them.
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

// integrate creates the AWS integration, or uses the existing one.
func (d *demo) integrate(ctx context.Context, found []client.Integration) error {
	if len(found) > 0 {
		d.story.head("Resuming from %s", d.dir)
		return d.verify(ctx, found[0])
	}
	d.story.head("The customer, in AWS account %s (simulated by windlass sandbox)", d.customer.account.ID)
	roleARN, err := d.customerSide(ctx)
	if err != nil {
		return err
	}
	d.story.head("In Windlass: Sources › Credentials")
	made, err := d.api.CreateIntegration(ctx, client.IntegrationSpec{
		Name: "customer", RoleARN: roleARN, Access: "read",
		Locations: []client.Location{{Bucket: bucketName, Prefix: sharedPrefix}},
	})
	if err != nil {
		return err
	}
	d.story.did("Create AWS integration", "%s for %s", made.ID, roleARN)
	d.story.did("External ID and User ARN appear", "%s", made.ExternalID)
	d.story.note("%35s%s", "", made.PrincipalARN)
	d.story.head("The customer again")
	if err := d.customer.editTrust(ctx, string(made.Setup.TrustPolicy)); err != nil {
		return err
	}
	d.story.did("Edit the role's trust policy", "principal and External ID replaced by the integration's")
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
	d.story.did(
		"Fill the bucket",
		"s3://%s: %d objects under %s, 1 under %s",
		bucketName,
		len(files),
		sharedPrefix,
		privatePrefix,
	)
	document, err := generate.PermissionPolicy(
		generate.Need{
			Access:    generate.Read,
			Locations: []generate.Location{{Bucket: bucketName, Prefix: sharedPrefix}},
		},
	)
	if err != nil {
		return "", err
	}
	policyARN, err := d.customer.createPolicy(ctx, string(document))
	if err != nil {
		return "", err
	}
	d.story.did("Create a policy", "%s: the least privilege that reads s3://%s/%s", policyARN, bucketName, sharedPrefix)
	roleARN, err = d.customer.createRole(ctx, policyARN)
	if err != nil {
		return "", err
	}
	d.story.did("Create a role that uses it", "%s: trusts this account, requires a placeholder External ID", roleARN)
	return roleARN, nil
}

func (d *demo) files() ([]file, error) {
	if d.config.Data != "" {
		return folder(d.config.Data)
	}
	return sample()
}

func (d *demo) verify(ctx context.Context, integration client.Integration) error {
	d.story.head("Windlass verifies it with live calls")
	v, err := d.api.Verify(ctx, integration.ID, true)
	if err != nil {
		return err
	}
	for _, check := range v.Checks {
		d.report.Checks = append(d.report.Checks, ReportCheck{check.Code, check.Status})
		d.story.note("%s %-18s %s", marks[check.Status], check.Code, first(check.Cause, check.Detail))
	}
	d.story.did("Verify", "%s", v.State)
	integration, err = d.api.Integration(ctx, integration.ID)
	if err != nil {
		return err
	}
	d.report.Integration = ReportIntegration{
		integration.ID,
		integration.State,
		integration.ExternalID,
		integration.PrincipalARN,
		integration.RoleARN,
	}
	if integration.State != "verified" {
		return fmt.Errorf("the integration is %s: %s", integration.State, integration.Reason)
	}
	return nil
}

// request reads one row of each dataset, as an app would.
func (d *demo) request(ctx context.Context, _ []client.Integration) error {
	d.story.head("An app reads")
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
			d.story.did("GET /v1/data", "%s", address)
			d.story.note("%.300s", text)
		}
	}
	return nil
}

// refuse shows that undeclared locations can't be read.
func (d *demo) refuse(ctx context.Context, _ []client.Integration) error {
	d.story.head("Undeclared locations")
	_, err := d.api.CreateSource(
		ctx,
		client.SourceSpec{Integration: d.report.Integration.ID, Bucket: bucketName, Pattern: privatePrefix + "*"},
	)
	if !client.IsCode(err, "forbidden") {
		return fmt.Errorf("a source at s3://%s/%s was not refused: %w", bucketName, privatePrefix, err)
	}
	d.story.did("Ask for "+privatePrefix, "refused: %v", err)
	d.report.Refused = append(
		d.report.Refused,
		ReportRefusal{"s3://" + bucketName + "/" + privatePrefix + "*", err.Error()},
	)
	return nil
}

// finish prints what to try next, or the report.
func (d *demo) finish() error {
	if d.config.JSON {
		encoder := json.NewEncoder(d.config.Out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(d.report)
	}
	if d.config.Once {
		d.story.line("\nEverything was real: signed calls over HTTP, decided by the policies above.")
		return nil
	}
	d.story.head(
		"Continue by hand (Ctrl-C stops the demo%s)",
		map[bool]string{true: "; nothing is kept"}[d.config.Dir == ""],
	)
	d.story.line("  console  %s\n           the link signs you in once, within 15 minutes", d.start.SignIn.Reveal())
	d.story.line(
		"  command  export WINDLASS_URL=%s WINDLASS_WORKSPACE=%s WINDLASS_TOKEN=\"$(cat %s)\"\n           %s "+
			"integration list",
		d.url,
		d.start.Workspace,
		d.tokenFile(),
		d.config.Command,
	)
	if len(d.report.Datasets) > 0 {
		d.story.line("  app      curl -H \"Authorization: Bearer $WINDLASS_TOKEN\" '%s/v1/data/%s/%s?last=3'",
			d.url, d.start.Workspace, d.report.Datasets[0].Name)
	}
	d.story.line(
		"  AWS      as the customer, whose key only works with this sandbox:\n%s           aws iam get-role "+
			"--role-name %s",
		d.exports(),
		roleName,
	)
	return nil
}

// exports returns the export commands of the customer's shell.
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

// datasetNames returns a dataset name for each key: levels for
// "shared/levels.csv.gz", or levels_csv_gz if two keys have the same stem.
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
