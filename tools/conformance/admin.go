package main

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/secret"
)

// Policies for versitygw's roles.
const (
	everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	noBuckets  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},` +
		`{"Effect":"Deny","Action":"s3:CreateBucket","Resource":"*"}]}`
	allOfS3 = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
)

// admin serves versitygw's administration API and passes all other requests to
// the sandbox, translated by words.go unless asSent is set.
//
// A "user" is an IAM user in an account of its own who may do everything in S3
// except create buckets; a "userplus" may create buckets too; an "admin" is a
// user of the account under test who may do everything, including calls of the
// administration API.
type admin struct {
	box    *sandbox.Sandbox
	url    string
	asSent bool // don't translate requests and responses

	mu    sync.Mutex
	users map[string]user // by access key ID
}

type user struct {
	access, secret, role string
	arn                  string
	root                 aws.Credentials // of the user's account
}

func newAdmin(box *sandbox.Sandbox, url string, asSent bool) *admin {
	root := aws.Credentials{AccessKeyID: account, SecretAccessKey: rootKey}
	tested := user{account, rootKey, "admin", "arn:aws:iam::" + account + ":root", root}
	return &admin{box: box, url: url, asSent: asSent, users: map[string]user{account: tested}}
}

// ServeHTTP serves the administration API, whose requests use PATCH, which AWS
// doesn't have.
func (a *admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPatch {
		a.forward(w, r)
		return
	}
	document, err := a.answer(r)
	var refused *refusal
	switch {
	case err == nil && document == nil:
		w.WriteHeader(http.StatusCreated)
	case err == nil:
		_ = xml.NewEncoder(w).Encode(document) // the client may have disconnected
	case errors.As(err, &refused):
		w.WriteHeader(refused.status)
		_ = xml.NewEncoder(w).Encode(struct {
			XMLName       xml.Name `xml:"Error"`
			Code, Message string
		}{Code: refused.code, Message: refused.message}) // the client may have disconnected
	default:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// forward passes the request to the sandbox.
func (a *admin) forward(w http.ResponseWriter, r *http.Request) {
	if a.asSent {
		a.box.ServeHTTP(w, r)
		return
	}
	worded, err := a.inAWSWords(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer := &inVersitygwWords{ResponseWriter: w}
	a.box.ServeHTTP(answer, worded)
	answer.end()
}

// refusal is an error response of versitygw's administration.
type refusal struct {
	status        int
	code, message string
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

func unsupported() error {
	return &refusal{http.StatusNotImplemented, "XAdminMethodNotSupported", "AWS has no such operation."}
}

// answer returns the document of a response, or nil.
func (a *admin) answer(r *http.Request) (document any, _ error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	if err := a.authenticate(r, body); err != nil {
		return nil, err
	}
	switch path := strings.Trim(r.URL.Path, "/"); {
	case path == "create-user":
		return nil, a.createUser(r.Context(), body)
	case path == "delete-user":
		return nil, a.deleteUser(r.Context(), r.URL.Query().Get("access"))
	case path == "list-users":
		return a.listUsers(), nil
	case path == "list-buckets":
		return a.listBuckets(r.Context())
	case strings.HasSuffix(path, "/create"):
		return nil, a.refuseBucket(r.Header.Get("X-Vgw-Owner"))
	default:
		return nil, unsupported()
	}
}

// authenticate verifies that an admin signed the request.
func (a *admin) authenticate(r *http.Request, body []byte) error {
	who, signed := a.signer(r, body)
	if !signed {
		return &refusal{
			http.StatusForbidden,
			"SignatureDoesNotMatch",
			"The request is unsigned, or signed with another key.",
		}
	}
	if who.role != "admin" {
		return &refusal{http.StatusForbidden, "XAdminAccessDenied", "Only admin users have access to this resource."}
	}
	return nil
}

func (a *admin) createUser(ctx context.Context, body []byte) error {
	var asked struct{ Access, Secret, Role string }
	if err := xml.Unmarshal(body, &asked); err != nil {
		return &refusal{http.StatusBadRequest, "MalformedXML", err.Error()}
	}
	policy := map[string]string{"admin": everything, "user": noBuckets, "userplus": allOfS3}[asked.Role]
	if policy == "" {
		return &refusal{
			http.StatusBadRequest,
			"XAdminInvalidArgument",
			"User role has to be one of the following: 'user', 'admin', 'userplus'.",
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, taken := a.users[asked.Access]; taken {
		return &refusal{
			http.StatusConflict,
			"XAdminUserExists",
			"A user with the provided access key ID already exists.",
		}
	}
	home, root := account, a.users[account].root
	if asked.Role != "admin" {
		home = fmt.Sprintf("%012d", len(a.users))
		made, err := a.box.AddAccount(sandbox.AccountSpec{ID: home, Name: asked.Access, CanonicalID: asked.Access})
		if err != nil {
			return err
		}
		root = aws.Credentials{AccessKeyID: made.RootAccessKeyID, SecretAccessKey: made.RootSecretAccessKey.Reveal()}
	}
	client := iam.NewFromConfig(a.config(root))
	made, err := client.CreateUser(ctx, &iam.CreateUserInput{UserName: &asked.Access})
	if err != nil {
		return err
	}
	if _, err := client.PutUserPolicy(
		ctx,
		&iam.PutUserPolicyInput{UserName: &asked.Access, PolicyName: aws.String(asked.Role), PolicyDocument: &policy},
	); err != nil {
		return err
	}
	a.users[asked.Access] = user{asked.Access, asked.Secret, asked.Role, *made.User.Arn, root}
	return a.box.AddAccessKey(home, asked.Access, asked.Access, secret.New(asked.Secret))
}

// deleteUser deletes the user's key.
func (a *admin) deleteUser(ctx context.Context, access string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	of, known := a.users[access]
	if !known {
		return &refusal{http.StatusNotFound, "XAdminUserNotFound", "No user exists with the provided access key ID."}
	}
	delete(a.users, access)
	_, err := iam.NewFromConfig(a.config(of.root)).
		DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: &access, AccessKeyId: &access})
	return err
}

// refuseBucket returns the error for creating a bucket for another user: what
// is wrong with the call, or that AWS has no such call.
func (a *admin) refuseBucket(owner string) error {
	if owner == "" {
		return &refusal{
			http.StatusBadRequest,
			"XAdminInvalidRequest",
			"The x-vgw-owner header specifying the new bucket owner access key id is either missing or empty",
		}
	}
	a.mu.Lock()
	_, known := a.users[owner]
	a.mu.Unlock()
	if !known {
		return &refusal{http.StatusNotFound, "XAdminUserNotFound", "No user exists with the provided access key ID."}
	}
	return unsupported()
}

// listBuckets returns the buckets of the account under test and their owner.
func (a *admin) listBuckets(ctx context.Context) (any, error) {
	a.mu.Lock()
	root := a.users[account].root
	a.mu.Unlock()
	out, err := s3.NewFromConfig(a.config(root)).ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil {
		return nil, err
	}
	type bucket struct{ Name, Owner string }
	var list struct {
		XMLName xml.Name `xml:"ListBucketsResult"`
		Buckets []bucket
	}
	for _, b := range out.Buckets {
		list.Buckets = append(list.Buckets, bucket{*b.Name, account})
	}
	return list, nil
}

// listUsers returns the users with their keys and roles, without secrets.
func (a *admin) listUsers() any {
	type listed struct{ Access, Role string }
	var list struct {
		XMLName  xml.Name `xml:"ListUserAccountsResult"`
		Accounts []listed
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, access := range slices.Sorted(maps.Keys(a.users)) {
		list.Accounts = append(list.Accounts, listed{access, a.users[access].role})
	}
	return list
}

func (a *admin) config(keys aws.Credentials) aws.Config {
	return aws.Config{
		Region:       sandbox.DefaultRegion,
		BaseEndpoint: &a.url,
		Credentials:  credentials.StaticCredentialsProvider{Value: keys},
	}
}
