package iam_test

import (
	"fmt"
	"log"

	"github.com/windlass-io/windlass/iam"
)

// May Alice read this object? The bucket belongs to her own account, so her
// identity policy is enough.
func Example() {
	policy, err := iam.Parse(iam.Identity, []byte(`{
		"Version": "2012-10-17",
		"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-data/${aws:username}/*"}
	}`))
	if err != nil {
		log.Fatal(err) // every fault of the document, with its place
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
	request.AddGlobalKeys() // aws:username and the like
	decision := iam.Evaluate(&iam.Policies{Identity: []*iam.Compiled{compiled}}, &request)
	fmt.Println(decision.Effect)
	// Output: allow
}

// A role in another account is assumed only when its trust policy lets the
// caller in, External ID and all, and the caller's own policies allow the call.
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

// All faults of a document come back at once, each with its place.
func ExampleParse() {
	_, err := iam.Parse(iam.Identity, []byte(`{
  // reports
  "Version": "2012-10-17",
  "Statement": {"Effect": "allow", "Action": "s3:GetObject"}
}`))
	fmt.Println(err)
	// Output:
	// policy: 2:3: JSON has no comments; 4:16: Statement: the statement has neither Resource nor NotResource; 4:27: Statement.Effect: unknown effect "allow"; use "Allow" or "Deny"
}

// What cannot be evaluated is an error that names it, never a quiet no.
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
	// Output: policy cannot be evaluated: 3:17: Statement[0].Condition: there is no condition operator "NumericAtMost"
}

// A key may have several values, and a key that is absent is not an empty one.
func ExampleContext_Set() {
	var request iam.Request
	request.Context.Set("aws:TagKeys", "team", "project")
	request.Context.Set("s3:prefix", "")
	fmt.Println(request.Context.Values("AWS:tagkeys"), request.Context.Has("s3:prefix"),
		request.Context.Has("s3:delimiter"))
	// Output: [team project] true false
}
