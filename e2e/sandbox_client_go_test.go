package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// goCaller calls the Go SDK, whose structures have AWS's own names.
type goCaller struct{ rig *callRig }

func newGoCaller(_ *testing.T, rig *callRig) caller { return &goCaller{rig} }

func (c *goCaller) client(t *testing.T, who actor, service string) any {
	t.Helper()
	config := aws.Config{
		Region: callRegion, BaseEndpoint: &c.rig.url, RetryMaxAttempts: 1,
		Credentials: aws.AnonymousCredentials{},
	}
	if who.AccessKeyID != "" {
		config.Credentials = credentials.NewStaticCredentialsProvider(who.AccessKeyID, who.SecretAccessKey,
			who.SessionToken)
	}
	switch service {
	case "iam":
		return iam.NewFromConfig(config)
	case "sts":
		return sts.NewFromConfig(config)
	case "kms":
		return kms.NewFromConfig(config)
	case "s3":
		return s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	}
	t.Fatalf("there is no client of %s", service)
	return nil
}

func (c *goCaller) call(t *testing.T, who actor, service, operation string, parameters map[string]any) answer {
	t.Helper()
	method := reflect.ValueOf(c.client(t, who, service)).MethodByName(operation)
	if !method.IsValid() {
		t.Fatalf("the Go SDK has no %s %s", service, operation)
	}
	input := reflect.New(method.Type().In(1).Elem())
	if body, ok := parameters["Body"].(string); ok {
		delete(parameters, "Body")
		input.Elem().FieldByName("Body").Set(reflect.ValueOf(strings.NewReader(body)))
	}
	text, err := json.Marshal(parameters)
	if err == nil && parameters != nil {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		err = decoder.Decode(input.Interface())
	}
	if err != nil {
		t.Fatalf("the parameters of %s: %v", operation, err)
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), input})
	if err, _ := results[1].Interface().(error); err != nil {
		return c.failure(t, operation, err)
	}
	return answer{Output: c.output(t, results[0])}
}

func (c *goCaller) failure(t *testing.T, operation string, err error) answer {
	t.Helper()
	var api smithy.APIError
	var response *awshttp.ResponseError
	if !errors.As(err, &api) || !errors.As(err, &response) {
		t.Fatalf("%s: %v", operation, err)
	}
	return answer{Code: api.ErrorCode(), Status: response.HTTPStatusCode(), Message: api.ErrorMessage()}
}

func (c *goCaller) output(t *testing.T, result reflect.Value) map[string]any {
	t.Helper()
	fields := result.Elem()
	var body []byte
	var err error
	if field := fields.FieldByName("Body"); field.IsValid() && !field.IsNil() {
		stream, _ := field.Interface().(io.ReadCloser)
		defer stream.Close()
		if body, err = io.ReadAll(stream); err != nil {
			t.Fatal(err)
		}
		field.SetZero()
	}
	text, err := json.Marshal(result.Interface())
	if err != nil {
		t.Fatal(err)
	}
	output := map[string]any{}
	if err := json.Unmarshal(text, &output); err != nil {
		t.Fatal(err)
	}
	if body != nil {
		output["Body"] = string(body)
	}
	return output
}
