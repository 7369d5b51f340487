package doctor_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

// A secret that can't be decrypted must not be reported as an unreachable
// service.
func TestAccessKeyUnderAnotherMasterKey(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	sealer, err := seal.New(secret.New(strings.Repeat("1", 64)))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := credential.New(credential.Config{
		Checker: access.NewChecker(w.Decisions, w.Now), Store: w.Store, Sealer: sealer, Endpoint: w.AWS.URL,
		Endpoints: dial.Policy{AllowPrivate: true}, Now: w.Now,
	})
	keys := w.AWS.Customer.Keys
	key, err := elsewhere.Add(t.Context(), w.Actor, doctortest.Workspace,
		credential.Draft{
			Name: "legacy", AccessKeyID: keys.AccessKeyID,
			SecretAccessKey: secret.New(keys.SecretAccessKey),
		})
	if err != nil {
		t.Fatal(err)
	}
	v, err := w.Doctor.VerifyCredential(t.Context(), w.Actor, doctortest.Workspace, key.ID,
		doctor.KeyOrder{Locations: []object.Location{{Bucket: doctortest.Bucket, Prefix: doctortest.Prefix}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := v.Check(doctor.CodeRegion); v.State != doctor.Failing || c.CauseCode != doctor.CauseSealed || c.Fix == nil {
		t.Error(describe(v))
	}
}
