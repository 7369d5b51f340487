package query_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
)

// FuzzQuery sends arbitrary forms to IAM and STS.
func FuzzQuery(f *testing.F) {
	box, keys := awstest.OpenBox(f)
	f.Add("iam", "Action=CreateUser&Version=2010-05-08&UserName=u")
	f.Add(
		"iam",
		"Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=%7B%7D&Tags.member.1.Key=a&Tags.member.1.Value=b",
	)
	f.Add("sts", "Action=AssumeRole&Version=2011-06-15&RoleArn=x&RoleSessionName=s&DurationSeconds=9")
	f.Add("sts", "Action=GetFederationToken&Version=2011-06-15&Name=n&PolicyArns.member.2.arn=x")
	f.Fuzz(func(t *testing.T, service, form string) {
		if service != "iam" {
			service = "sts"
		}
		header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		if status := awstest.Send(
			t,
			box,
			keys,
			service,
			http.MethodPost,
			"/",
			form,
			header,
		).Code; status >= http.StatusInternalServerError &&
			status != http.StatusNotImplemented {
			values, _ := url.ParseQuery(form)
			t.Errorf("%s answers %d to %v", service, status, values)
		}
	})
}
