// Package sqs receives messages of one queue of Amazon SQS. It is an
// [arrival.Queue].
package sqs

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/windlass-io/windlass/internal/arrival"
	"github.com/windlass-io/windlass/internal/object"
)

const (
	batchSize = 10
	wait      = 20 // seconds
	hide      = 60 // seconds
	attempts  = 3  // of a call
	timeout   = wait*time.Second + 15*time.Second
)

// Config configures all queues.
type Config struct {
	Transport http.RoundTripper // optional
	// Wait is the number of seconds that a receive waits for the first message; 0
	// means 20.
	Wait int32
	// APIOptions extend the client of the AWS SDK. Optional.
	APIOptions []func(*middleware.Stack) error
}

// Queue is a queue. It is safe for concurrent use.
type Queue struct {
	arn    string
	url    string
	wait   int32
	client *sdk.Client
}

// Open returns a queue without sending a request. The queue's URL follows from its
// ARN.
func Open(access arrival.QueueAccess, config Config) *Queue {
	parts := strings.Split(access.ARN, ":")
	partition, region, account, name := parts[1], parts[3], parts[4], parts[5]
	options := sdk.Options{
		Region: region, AppID: "windlass",
		Credentials: aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			k, err := access.Keys(ctx)
			return aws.Credentials{
				AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey.Reveal(),
				SessionToken: k.SessionToken.Reveal(), CanExpire: !k.Expires.IsZero(), Expires: k.Expires,
			}, err
		}),
		HTTPClient: &http.Client{
			Transport: config.Transport, Timeout: timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		APIOptions: config.APIOptions,
		Retryer:    retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = attempts }),
	}
	url := access.Endpoint
	if url != "" {
		options.BaseEndpoint = aws.String(url)
	} else {
		url = "https://sqs." + region + ".amazonaws.com"
		if partition == "aws-cn" {
			url += ".cn"
		}
	}
	q := &Queue{
		arn: access.ARN, url: strings.TrimSuffix(url, "/") + "/" + account + "/" + name, wait: wait,
		client: sdk.New(options),
	}
	if config.Wait > 0 {
		q.wait = config.Wait
	}
	if access.AtOnce {
		q.wait = 1 // the SDK leaves 0 out, and the queue's own setting would apply
	}
	return q
}

// Receive returns up to 10 messages and hides them for a minute.
func (q *Queue) Receive(ctx context.Context) ([]arrival.Message, error) {
	out, err := q.client.ReceiveMessage(ctx, &sdk.ReceiveMessageInput{
		QueueUrl: &q.url, MaxNumberOfMessages: batchSize, WaitTimeSeconds: q.wait, VisibilityTimeout: hide,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{
			types.MessageSystemAttributeNameApproximateReceiveCount, types.MessageSystemAttributeNameSentTimestamp,
		},
	})
	if err != nil {
		return nil, q.failure("ReceiveMessage", err)
	}
	messages := make([]arrival.Message, len(out.Messages))
	for i, m := range out.Messages {
		messages[i] = arrival.Message{
			ID: aws.ToString(m.MessageId), Handle: aws.ToString(m.ReceiptHandle), Body: aws.ToString(m.Body),
		}
	}
	return messages, nil
}

// Delete deletes messages.
func (q *Queue) Delete(ctx context.Context, messages []arrival.Message) error {
	in := &sdk.DeleteMessageBatchInput{QueueUrl: &q.url}
	for i, m := range messages {
		in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &m.Handle,
		})
	}
	out, err := q.client.DeleteMessageBatch(ctx, in)
	if err != nil {
		return q.failure("DeleteMessageBatch", err)
	}
	return q.entryFailure("DeleteMessageBatch", out.Failed)
}

// Hide hides messages for another duration, or shows them immediately if it is 0.
func (q *Queue) Hide(ctx context.Context, messages []arrival.Message, hide time.Duration) error {
	in := &sdk.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url}
	for i, m := range messages {
		in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &m.Handle,
			VisibilityTimeout: int32(hide / time.Second), //nolint:gosec // at most 43,200
		})
	}
	out, err := q.client.ChangeMessageVisibilityBatch(ctx, in)
	if err != nil {
		return q.failure("ChangeMessageVisibilityBatch", err)
	}
	return q.entryFailure("ChangeMessageVisibilityBatch", out.Failed)
}

// Attributes returns all attributes of the queue.
func (q *Queue) Attributes(ctx context.Context) (map[string]string, error) {
	out, err := q.client.GetQueueAttributes(ctx, &sdk.GetQueueAttributesInput{
		QueueUrl: &q.url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return nil, q.failure("GetQueueAttributes", err)
	}
	return out.Attributes, nil
}

// entryFailure returns the failure of the first entry of a batch that failed.
func (q *Queue) entryFailure(operation string, failed []types.BatchResultErrorEntry) error {
	if len(failed) == 0 {
		return nil
	}
	return &object.Failure{
		Operation: operation, Resource: q.arn, Status: http.StatusOK, Code: aws.ToString(failed[0].Code),
		Message: aws.ToString(failed[0].Message),
	}
}

func (q *Queue) failure(operation string, err error) error {
	f := &object.Failure{Operation: operation, Resource: q.arn, Cause: err, Message: err.Error()}
	var api smithy.APIError
	if errors.As(err, &api) {
		f.Code, f.Message = api.ErrorCode(), api.ErrorMessage()
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		f.Status, f.RequestID = response.HTTPStatusCode(), response.ServiceRequestID()
	}
	return f
}
