package iam_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/windlass-io/windlass/iam"
)

// Decide whether Alice can read an object. The bucket is in her own account,
// so her identity policy is enough.
func Example() {
	policy, err := iam.Parse(iam.Identity, []byte(`{
		"Version": "2012-10-17",
		"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-data/${aws:username}/*"}
	}`))
	if err != nil {
		log.Fatal(err) // lists every problem with its position
	}
	compiled, err := iam.Compile(policy)
	if err != nil {
		log.Fatal(err)
	}
	alice, err := iam.ParsePrincipal("arn:aws:iam::111122223333:user/alice")
	if err != nil {
		log.Fatal(err)
	}
	request := iam.Request{
		Principal: alice, Action: "s3:GetObject",
		Resource: "arn:aws:s3:::acme-data/alice/notes.txt", ResourceAccount: "111122223333",
	}
	request.AddGlobalKeys() // sets aws:username and other global keys
	decision := iam.Evaluate(&iam.Policies{Identity: []*iam.Compiled{compiled}}, &request)
	fmt.Println(decision.Effect)
	// Output: allow
}

// A role in another account can be assumed if its trust policy allows the
// caller with the right External ID, and the caller's own policies allow the
// call.
func Example_assumeRole() {
	trust := must(iam.Trust, `{"Version": "2012-10-17", "Statement": {
		"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
		"Condition": {"StringEquals": {"sts:ExternalId": "cust-8f2a"}}
	}}`)
	identity := must(iam.Identity, `{"Version": "2012-10-17", "Statement": {
		"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"
	}}`)
	caller, err := iam.ParsePrincipal("arn:aws:sts::111122223333:assumed-role/integrator/session")
	if err != nil {
		log.Fatal(err)
	}
	policies := &iam.Policies{Trust: trust, Identity: []*iam.Compiled{identity}}
	for _, externalID := range []string{"cust-8f2a", "guessed"} {
		request := iam.Request{
			Principal: caller, Action: "sts:AssumeRole",
			Resource: "arn:aws:iam::444455556666:role/Customer", ResourceAccount: "444455556666",
		}
		request.Context.Set("sts:ExternalId", externalID)
		fmt.Println(externalID, iam.Evaluate(policies, &request).Effect)
	}
	// Output:
	// cust-8f2a allow
	// guessed implicitDeny
}

func must(kind iam.Kind, document string) *iam.Compiled {
	policy, err := iam.Parse(kind, []byte(document))
	if err != nil {
		log.Fatal(err)
	}
	compiled, err := iam.Compile(policy)
	if err != nil {
		log.Fatal(err)
	}
	return compiled
}

// Parse reports all problems of a document at once, each with its position.
func ExampleParse() {
	_, err := iam.Parse(iam.Identity, []byte(`{
  // reports
  "Version": "2012-10-17",
  "Statement": {"Effect": "allow", "Action": "s3:GetObject"}
}`))
	var invalid *iam.ParseError
	if errors.As(err, &invalid) {
		for _, finding := range invalid.Findings {
			fmt.Println(finding)
		}
	}
	// Output:
	// 2:3: JSON has no comments
	// 4:16: Statement: the statement has neither Resource nor NotResource
	// 4:27: Statement.Effect: unknown effect "allow"; use "Allow" or "Deny"
}

// Compile rejects an unknown operator instead of silently never matching it.
func ExampleCompile() {
	policy, err := iam.Parse(iam.Identity, []byte(`{"Statement": {
  "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*",
  "Condition": {"NumericAtMost": {"s3:max-keys": "10"}}
}}`))
	if err != nil {
		log.Fatal(err)
	}
	_, err = iam.Compile(policy)
	fmt.Println(err)
	// Output: policy can't be evaluated: 3:17: Statement[0].Condition: unknown condition operator "NumericAtMost"
}

// A key can have several values. An absent key differs from an empty one.
func ExampleContext_Set() {
	var request iam.Request
	request.Context.Set("aws:TagKeys", "team", "project")
	request.Context.Set("s3:prefix", "")
	fmt.Println(request.Context.Values("AWS:tagkeys"), request.Context.Has("s3:prefix"),
		request.Context.Has("s3:delimiter"))
	// Output: [team project] true false
}
