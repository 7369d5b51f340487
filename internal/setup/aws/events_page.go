package aws

import (
	"bytes"
	"encoding/json"

	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Dead returns the name of the dead-letter queue.
func (p *eventsPage) Dead() string { return p.QueueName + deadSuffix }

// DeadARN returns the ARN of the dead-letter queue.
func (p *eventsPage) DeadARN() string { return p.QueueARN + deadSuffix }

// ConsoleHost returns the host of the partition's console.
func (p *eventsPage) ConsoleHost() string { return consoleHost(p.Partition) }

// Keep returns how long queues keep messages, in seconds.
func (p *eventsPage) Keep() string { return keepSeconds }

// Hide returns how long a received message is hidden, in seconds.
func (p *eventsPage) Hide() string { return hideSeconds }

// Wait returns how long a receive waits for a message, in seconds.
func (p *eventsPage) Wait() string { return waitSeconds }

// Receives returns how often a message is received before it goes to the
// dead-letter queue.
func (p *eventsPage) Receives() string { return receives }

// PolicyName returns the name of the role's inline policy.
func (p *eventsPage) PolicyName() string { return policyName }

// QueuePolicyName returns the name of an inline policy that has only what concerns
// the queue.
func (p *eventsPage) QueuePolicyName() string { return queuePolicyTag }

// Step returns the number of the next step, from 1.
func (p *eventsPage) Step() int {
	p.steps++
	return p.steps
}

// Comments returns the notes as comments, with an empty line after them.
func (p *eventsPage) Comments() string { return (&page{Notes: p.Notes}).Comments() }

// DeadAttributes returns the attributes of the dead-letter queue, as JSON.
func (p *eventsPage) DeadAttributes() (string, error) {
	text, err := json.Marshal(map[string]string{"MessageRetentionPeriod": keepSeconds})
	return string(text), err
}

// Attributes returns the attributes of the queue, as JSON.
func (p *eventsPage) Attributes() (string, error) {
	redrive, err := json.Marshal(map[string]string{"deadLetterTargetArn": p.DeadARN(), "maxReceiveCount": receives})
	if err != nil {
		return "", err
	}
	attributes := map[string]string{
		"MessageRetentionPeriod": keepSeconds, "VisibilityTimeout": hideSeconds,
		"ReceiveMessageWaitTimeSeconds": waitSeconds, "RedrivePolicy": string(redrive),
		"Policy": p.QueuePolicy.compact(),
	}
	if p.KMSKeyARN != "" {
		attributes["KmsMasterKeyId"] = p.KMSKeyARN
	} else {
		attributes["SqsManagedSseEnabled"] = "true"
	}
	text, err := json.Marshal(attributes)
	return string(text), err
}

// Targets returns the targets of the rule, as JSON.
func (p *eventsPage) Targets() (string, error) {
	text, err := json.Marshal([]map[string]string{{"Id": "windlass", "Arn": p.QueueARN}})
	return string(text), err
}

// compact returns a document as JSON on one line.
func (t *tree) compact() string {
	var out bytes.Buffer
	if err := json.Compact(&out, []byte(t.JSON(""))); err != nil {
		return "" // can't happen: a tree prints as JSON
	}
	return out.String()
}

// HCL returns a document as a call of jsonencode.
func (t *tree) HCL() string { return string(jsonencode(*t).Bytes()) }

// hclText returns text as a string of HCL.
func hclText(text string) string { return string(tree{text: text}.hcl().Bytes()) }

func formattedText(text string) string { return string(hclwrite.Format([]byte(text))) }
