package kmsapi_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/kmsapi"
	"github.com/windlass-io/windlass/internal/sandbox/query"
)

const account = "111111111111"

// newAPI returns an API with one account, and its root.
func newAPI(t testing.TB) (*kmsapi.API, *directory.Caller) {
	t.Helper()
	d, err := directory.New(directory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Update(func(tx *directory.Tx) error {
		tx.Accounts.Put(account, "", &directory.Account{ID: account, Name: "service"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	authorizer, err := authz.New(authz.Config{Directory: d, Logger: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	root := &directory.Caller{
		Principal: iam.Principal{
			Type:    iam.Root,
			ARN:     "arn:aws:iam::" + account + ":root",
			Account: account,
			UserID:  account,
		},
	}
	return kmsapi.New(query.Config{Directory: d, Authorizer: authorizer, Now: time.Now}), root
}

// FuzzAnswer sends arbitrary requests. Errors must have AWS's codes, and only
// ciphertexts of the API can be decrypted.
func FuzzAnswer(f *testing.F) {
	f.Add("CreateKey", "us-east-1", `{"Description":"x","Tags":[{"TagKey":"a","TagValue":"b"}]}`)
	f.Add("Decrypt", "us-east-1", `{"CiphertextBlob":"AQRhcm46","EncryptionContext":{"a":"b"}}`)
	f.Add("Encrypt", "eu-west-1", `{"KeyId":"alias/x","Plaintext":"eA=="}`)
	f.Add("GenerateDataKey", "us-east-1", `{"KeyId":"arn:aws:kms:us-east-1:111111111111:key/x","NumberOfBytes":1024}`)
	f.Add("PutKeyPolicy", "us-east-1", `{"KeyId":"x","Policy":"{}","PolicyName":"default"}`)
	f.Add("ListAliases", "us-east-1", `{"Limit":1,"Marker":"!"}`)
	f.Fuzz(func(t *testing.T, action, region, body string) {
		api, root := newAPI(t)
		result, err := api.Serve(
			t.Context(),
			&query.Call{Caller: root, Action: action, Body: []byte(body), Region: region},
		)
		var refused *awserror.Error
		if err != nil && (!errors.As(err, &refused) || !strings.HasSuffix(refused.Code, "Exception")) {
			t.Errorf("%s %s is answered %v", action, body, err)
		}
		if err == nil && (action == "Decrypt" || action == "ReEncrypt") {
			t.Errorf("a ciphertext that was never made is opened: %+v", result)
		}
	})
}
