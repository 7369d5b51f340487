package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// TestNodesRevokeGrant revokes a grant at one node: within two seconds the other, which
// has just vended under it, refuses it.
func TestNodesRevokeGrant(t *testing.T) {
	t.Parallel()
	box := sandboxtest.Start(t)
	keys, _ := box.MustUser(t, box.Service, "windlass", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`+
		`"Action":["sts:AssumeRole","sts:SetSourceIdentity","sts:TagSession"],"Resource":"*"}]}`)
	a, b := nodesWith(t, map[string]string{"aws_endpoint": box.URL}, server.Config{
		AWS: credentials.NewStaticCredentialsProvider(keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken),
	})
	box.MustBucket(t, box.Customer.Keys, "acme-data")
	owner := a.session(t, a.signIn(t, a.link))
	api := clientAt(t, a, owner)
	role := box.MustRole(t, box.Customer, "ci", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`+
		`"Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"sts:AssumeRole"}]}`)
	made, err := api.CreateIntegration(t.Context(), client.IntegrationSpec{
		Name: "exports", RoleARN: role, Vending: true,
		Locations: []client.Location{{Bucket: "acme-data", Prefix: "ci/"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = box.IAM(box.Customer.Keys).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("ci"), PolicyName: aws.String("access"),
		PolicyDocument: aws.String(string(made.Setup.PermissionPolicy)),
	})
	if err != nil {
		t.Fatal(err)
	}
	box.MustTrust(t, box.Customer, "ci", string(made.Setup.TrustPolicy))
	if run, err := api.Verify(t.Context(), made.ID, true); err != nil || run.State != "verified" {
		t.Fatalf("the integration is %s: %v, %+v", run.State, err, run.Checks)
	}
	grant, err := api.CreateGrant(t.Context(), client.GrantSpec{
		Name: "people", Provider: "members", Integration: "exports", Users: []string{"*"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var personal struct{ Token string }
	a.must(t, &personal, http.MethodPost, tokens, owner, `{"kind":"personal","name":"p"}`)
	person := clientAt(t, b, personal.Token)
	use := map[string]func() bool{"grant": func() bool {
		_, err := person.VendForMe(t.Context(), client.ExchangeSpec{Grant: grant.ID})
		return err == nil
	}}
	expectUse(t, use)
	if err := api.RevokeGrant(t.Context(), grant.ID, "people"); err != nil {
		t.Fatal(err)
	}
	expectEnd(t, use)
}

func clientAt(t *testing.T, o *outside, token string) *client.Client {
	t.Helper()
	api, err := client.New(client.Config{URL: o.url, Token: token, Workspace: "main"})
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// TestNodesFirstStart starts three nodes at once, none of which has a master key: one
// creates it, and the others report that they have another one or none.
func TestNodesFirstStart(t *testing.T) {
	t.Parallel()
	address := storetest.Address(t)
	flags := map[string]string{"database": address(), "rows": address()}
	opened, faults := make([]*server.Server, 3), make([]error, 3)
	var starting sync.WaitGroup
	for i := range opened {
		config := configOf(flagged(t, t.TempDir(), flags), server.Config{})
		starting.Go(func() { opened[i], faults[i] = server.Open(t.Context(), config) })
	}
	starting.Wait()
	n := 0
	for i, s := range opened {
		switch {
		case faults[i] == nil:
			n++
			if _, err := s.Bootstrap(t.Context()); err != nil {
				t.Error(err)
			}
			_ = s.Close()
		case !problem.Is(faults[i], problem.Conflict) || !strings.Contains(faults[i].Error(), "master key"):
			t.Errorf("node %d: %v", i, faults[i])
		}
	}
	if n != 1 {
		t.Errorf("%d nodes have the master key, want one", n)
	}
}

// TestNodesWiden widens a column on one node, and checks that an immediate read on the
// other has the values, even if that node has just read the dataset before the change.
func TestNodesWiden(t *testing.T) {
	t.Parallel()
	box := sandboxtest.Start(t)
	keys := box.Customer.Keys
	box.MustBucket(t, keys, "acme-data")
	a, b := nodesWith(t, map[string]string{"aws_endpoint": box.URL}, server.Config{})
	api := clientAt(t, a, a.token)
	key, err := api.AddCredential(t.Context(), client.CredentialSpec{
		AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = api.CreateSource(t.Context(), client.SourceSpec{
		Name: "src", Credential: key.ID, Bucket: "acme-data", Pattern: "*.csv",
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ object, want string }{
		{"id,v\na,1\n", "id,v\na,1\n"},
		{"id,v,w\nb,x,true\n", "id,v,w\na,1,\nb,x,true\n"},
		{"id,v,w\nc,2,maybe\n", "id,v,w\na,1,\nb,x,true\nc,2,maybe\n"},
	} {
		box.MustPut(t, keys, "acme-data", fmt.Sprintf("%d.csv", i), c.object)
		started, err := api.StartLoad(t.Context(), client.LoadSpec{Source: "src", Dataset: "d"})
		if err != nil {
			t.Fatal(err)
		}
		if ended, err := api.WaitLoad(t.Context(), started.ID, nil); err != nil || ended.State != "loaded" {
			t.Fatalf("%+v, %v", ended, err)
		}
		got := b.call(t, http.MethodGet, "/v1/data/main/d?format=csv&order=id&limit=9", b.token, "")
		if text := strings.ReplaceAll(got.text, "\r", ""); text != c.want {
			t.Errorf("after load %d: %q, want %q", i, text, c.want)
		}
	}
}
