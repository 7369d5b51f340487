package stsapi_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/go-jose/go-jose/v4"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// issuer is an OpenID Connect provider on this machine.
type issuer struct {
	*httptest.Server
	mu   sync.Mutex
	keys map[string]crypto.Signer
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{keys: map[string]crypto.Signer{}}
	i.addRSA(t, "rsa")
	elliptic, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i.keys["ec"] = elliptic
	routes := http.NewServeMux()
	routes.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/keys"})
	})
	routes.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		var set jose.JSONWebKeySet
		for id, key := range i.keys {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: id, Use: "sig"})
		}
		_ = json.NewEncoder(w).Encode(set)
	})
	i.Server = httptest.NewServer(routes)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) addRSA(t *testing.T, id string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys[id] = key
}

// sign signs claims with a key of the issuer, under its ID.
func (i *issuer) sign(t *testing.T, id string, claims map[string]any) string {
	t.Helper()
	i.mu.Lock()
	key := i.keys[id]
	i.mu.Unlock()
	algorithm := jose.RS256
	if _, ok := key.(*ecdsa.PrivateKey); ok {
		algorithm = jose.ES256
	}
	return signed(t, algorithm, key, id, claims)
}

func signed(t *testing.T, algorithm jose.SignatureAlgorithm, key any, id string, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: algorithm, Key: key},
		(&jose.SignerOptions{}).WithHeader("kid", id),
	)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signer.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := token.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

// federated is a sandbox with a role that trusts an issuer's tokens for one
// subject and one audience.
type federated struct {
	*sandboxtest.Server
	issuer *issuer
	role   string
	claims map[string]any // of a valid token
}

func newFederated(t *testing.T) *federated {
	t.Helper()
	f := &federated{Server: sandboxtest.Start(t), issuer: newIssuer(t)}
	f.MustBucket(t, f.Customer.Keys, "acme")
	f.MustPut(t, f.Customer.Keys, "acme", "ci/a", "x")
	provider, err := f.IAM(f.Customer.Keys).
		CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
			Url: &f.issuer.URL, ClientIDList: []string{"windlass"}, ThumbprintList: []string{strings.Repeat("a", 40)},
		})
	if err != nil {
		t.Fatal(err)
	}
	trust := awstest.Fill(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"Federated":"PROVIDER"},
		"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"],
		 "Condition":{"StringEquals":{"HOST:aud":"windlass"},"StringLike":{"HOST:sub":"org/acme/*"}}},
		{"Effect":"Deny","Principal":{"Federated":"PROVIDER"},
		"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"HOST:sub":"*/fork"}}}]}`,
		"PROVIDER", *provider.OpenIDConnectProviderArn, "HOST", strings.TrimPrefix(f.issuer.URL, "http://"))
	f.role = f.MustRole(
		t,
		f.Customer,
		"ci",
		trust,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",`+
			`"Resource":"arn:aws:s3:::acme/${aws:PrincipalTag/team}/*"}]}`,
	)
	now := time.Now().Unix()
	f.claims = map[string]any{
		"iss": f.issuer.URL,
		"aud": "windlass",
		"sub": "org/acme/build",
		"iat": now,
		"exp": now + 600,
		"https://aws.amazon.com/tags": map[string]any{
			"principal_tags": map[string]any{"team": []string{"ci"}},
		},
		"https://aws.amazon.com/source_identity": "build-1",
	}
	return f
}

// with returns the claims of a valid token with changes. nil removes a claim.
func (f *federated) with(changes map[string]any) map[string]any {
	claims := maps.Clone(f.claims)
	for name, value := range changes {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	return claims
}

func (f *federated) assume(
	t *testing.T,
	token string,
	change func(*sts.AssumeRoleWithWebIdentityInput),
) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	t.Helper()
	in := &sts.AssumeRoleWithWebIdentityInput{
		RoleArn:          &f.role,
		RoleSessionName:  aws.String("build"),
		WebIdentityToken: &token,
	}
	if change != nil {
		change(in)
	}
	return f.STS(aws.Credentials{}).AssumeRoleWithWebIdentity(t.Context(), in)
}

func TestWebIdentity(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	for _, key := range []string{"rsa", "ec"} {
		out, err := f.assume(t, f.issuer.sign(t, key, f.claims), nil)
		if err != nil {
			t.Fatalf("signed with %s: %v", key, err)
		}
		if *out.SubjectFromWebIdentityToken != "org/acme/build" || *out.Audience != "windlass" ||
			*out.SourceIdentity != "build-1" {
			t.Errorf("signed with %s: %+v", key, out)
		}
		session := aws.Credentials{
			AccessKeyID:     *out.Credentials.AccessKeyId,
			SecretAccessKey: *out.Credentials.SecretAccessKey,
			SessionToken:    *out.Credentials.SessionToken,
		}
		who, err := f.STS(session).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		if err != nil || *who.Arn != "arn:aws:sts::222222222222:assumed-role/ci/build" {
			t.Errorf("who: %+v, %v", who, err)
		}
		get := func(key string) string {
			return awstest.Code(
				awstest.Err(
					f.S3(session).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("acme"), Key: &key}),
				),
			)
		}
		if got := get("ci/a"); got != "" {
			t.Errorf("what the token's tag opens: %q", got)
		}
		if got := get("ops/a"); got != "AccessDenied" {
			t.Errorf("what it does not: %q", got)
		}
	}
	f.issuer.addRSA(t, "rotated")
	if _, err := f.assume(t, f.issuer.sign(t, "rotated", f.claims), nil); err != nil {
		t.Errorf("with a key that is new: %v", err)
	}
}

func TestWebIdentityRefusals(t *testing.T) {
	t.Parallel()
	f := newFederated(t)
	now := time.Now().Unix()
	good := f.issuer.sign(t, "rsa", f.claims)
	header, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	part := func(value any) string {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(f.issuer.keys["rsa"].Public())
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := newIssuer(t)
	for name, test := range map[string]struct {
		token string
		code  string
	}{
		"another subject": {
			f.issuer.sign(t, "rsa", f.with(map[string]any{"sub": "org/other/build"})),
			"AccessDenied",
		},
		"a subject that is denied": {
			f.issuer.sign(t, "rsa", f.with(map[string]any{"sub": "org/acme/fork"})),
			"AccessDenied",
		},
		"another audience": {
			f.issuer.sign(t, "rsa", f.with(map[string]any{"aud": "other"})),
			"InvalidIdentityToken",
		},
		"several audiences, no party": {
			f.issuer.sign(t, "rsa", f.with(map[string]any{"aud": []string{"windlass", "other"}})),
			"InvalidIdentityToken",
		},
		"no audience": {
			f.issuer.sign(t, "rsa", f.with(map[string]any{"aud": nil})),
			"InvalidIdentityToken",
		},
		"no subject": {
			f.issuer.sign(t, "rsa", f.with(map[string]any{"sub": nil})),
			"InvalidIdentityToken",
		},
		"no end": {
			f.issuer.sign(t, "rsa", f.with(map[string]any{"exp": nil})),
			"InvalidIdentityToken",
		},
		"no beginning": {
			f.issuer.sign(t, "rsa", f.with(map[string]any{"iat": nil})),
			"InvalidIdentityToken",
		},
		"over": {
			f.issuer.sign(t, "rsa", f.with(map[string]any{"exp": now - 600})),
			"ExpiredTokenException",
		},
		"from the future": {f.issuer.sign(t, "rsa",
			f.with(map[string]any{"iat": now + 3600, "exp": now + 7200})), "InvalidIdentityToken"},
		"not valid yet": {
			f.issuer.sign(t, "rsa", f.with(map[string]any{"nbf": now + 3600})),
			"InvalidIdentityToken",
		},
		"not valid for centuries": {
			f.issuer.sign(t, "rsa", f.with(map[string]any{"nbf": 1e15})),
			"InvalidIdentityToken",
		},
		"valid from no number": {
			f.issuer.sign(t, "rsa", f.with(map[string]any{"nbf": "now"})),
			"InvalidIdentityToken",
		},
		"another issuer": {
			elsewhere.sign(t, "rsa", f.with(map[string]any{"iss": elsewhere.URL})),
			"InvalidIdentityToken",
		},
		"another issuer in our name": {elsewhere.sign(t, "rsa", f.claims), "InvalidIdentityToken"},
		"our name with a slash": {
			f.issuer.sign(t, "rsa", f.with(map[string]any{"iss": f.issuer.URL + "/"})),
			"InvalidIdentityToken",
		},
		"no issuer":                     {f.issuer.sign(t, "rsa", f.with(map[string]any{"iss": nil})), "AccessDenied"},
		"another key under the same ID": {signed(t, jose.RS256, other, "rsa", f.claims), "InvalidIdentityToken"},
		"a key that nobody knows":       {signed(t, jose.RS256, other, "none", f.claims), "InvalidIdentityToken"},
		"the public key as a secret":    {signed(t, jose.HS256, public, "rsa", f.claims), "InvalidIdentityToken"},
		"no signature, by its own word": {
			part(map[string]string{"alg": "none", "kid": "rsa"}) + "." + payload + ".",
			"InvalidIdentityToken",
		},
		"no signature": {header + "." + payload + ".", "InvalidIdentityToken"},
		"other claims under a signature": {
			header + "." + part(f.with(map[string]any{"sub": "org/acme/admin"})) + "." + signature,
			"InvalidIdentityToken",
		},
		"an extension that it demands": {part(map[string]any{
			"alg": "RS256", "kid": "rsa", "crit": []string{"b64"},
			"b64": false,
		}) +
			"." + payload + "." + signature, "InvalidIdentityToken"},
		"no token": {"hello", "InvalidIdentityToken"},
		"a tag with two values": {f.issuer.sign(t, "rsa", f.with(map[string]any{
			"https://aws.amazon.com/tags": map[string]any{"principal_tags": map[string]any{"team": []string{
				"ci",
				"ops",
			}}},
		})), "InvalidIdentityToken"},
	} {
		out, err := f.assume(t, test.token, nil)
		if awstest.Code(err) != test.code {
			t.Errorf("%s: got %q, want %q (%+v)", name, awstest.Code(err), test.code, out)
		}
		if want := map[string]int{"AccessDenied": 403}[test.code]; want == 0 && awstest.Status(err) != 400 ||
			want != 0 && awstest.Status(err) != want {
			t.Errorf("%s: status %d", name, awstest.Status(err))
		}
	}
	for name, test := range map[string]struct {
		change func(*sts.AssumeRoleWithWebIdentityInput)
		code   string
	}{
		"too long": {
			func(in *sts.AssumeRoleWithWebIdentityInput) { in.DurationSeconds = aws.Int32(43200) },
			"ValidationError",
		},
		"no such role": {func(in *sts.AssumeRoleWithWebIdentityInput) {
			in.RoleArn = aws.String("arn:aws:iam::222222222222:role/none")
		}, "AccessDenied"},
		"a malformed session policy": {
			func(in *sts.AssumeRoleWithWebIdentityInput) { in.Policy = aws.String("{}") },
			"MalformedPolicyDocument",
		},
	} {
		if _, err := f.assume(t, good, test.change); awstest.Code(err) != test.code {
			t.Errorf("%s: got %q, want %q", name, awstest.Code(err), test.code)
		}
	}
	user, _ := f.MustUser(
		t,
		f.Customer,
		"ada",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}`,
	)
	err = awstest.Err(
		f.STS(user).
			AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &f.role, RoleSessionName: aws.String("build")}),
	)
	if awstest.Code(err) != "AccessDenied" {
		t.Errorf("without a token: %v", err)
	}
	f.issuer.Close()
	f.issuer.addRSA(t, "late")
	if _, err := f.assume(
		t,
		f.issuer.sign(t, "late", f.claims),
		nil,
	); awstest.Code(err) != "InvalidIdentityToken" ||
		!strings.Contains(err.Error(), "Couldn't retrieve verification key") {
		t.Errorf("when the issuer is gone: %v", err)
	}
}
