package sqsapi

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
)

// service begins the codes of the query protocol that have a service.
const service = "AWS.SimpleQueueService."

// shapes are the names of errors in the JSON protocol, by their codes in the
// query protocol. Others have the same name in both.
var shapes = map[string]string{
	service + "NonExistentQueue": "QueueDoesNotExist",
	"QueueAlreadyExists":         "QueueNameExists",
	"KMS.AccessDeniedException":  "KmsAccessDenied",
	"KMS.DisabledException":      "KmsDisabled",
	"KMS.InvalidStateException":  "KmsInvalidState",
	"KMS.NotFoundException":      "KmsNotFound",
}

// shapeOf returns the name of an error in the JSON protocol. Errors that the
// model of SQS doesn't have belong to the framework.
func shapeOf(code string) string {
	if shape, ok := shapes[code]; ok {
		return "com.amazonaws.sqs#" + shape
	}
	if rest, ok := strings.CutPrefix(code, service); ok {
		return "com.amazonaws.sqs#" + rest
	}
	switch code {
	case "ReceiptHandleIsInvalid", "InvalidAttributeName", "InvalidAttributeValue", "InvalidMessageContents",
		"OverLimit", "RequestThrottled":
		return "com.amazonaws.sqs#" + code
	}
	return "com.amazon.coral.service#" + strings.TrimSuffix(code, "Exception") + "Exception"
}

func bad(code, format string, args ...any) error {
	return awserror.New(http.StatusBadRequest, code, format, args...)
}

func noQueue() error {
	return bad(service+"NonExistentQueue", "The specified queue does not exist.")
}

func unsupportedOperation(message string) error {
	return bad(service+"UnsupportedOperation", "%s", message)
}

func invalidParameter(message string) error { return bad("InvalidParameterValue", "%s", message) }

func missingParameter(message string) error { return bad("MissingParameter", "%s", message) }

func invalidAddress(address string) error {
	return bad("InvalidAddress", "The address %s is not valid for this endpoint.", cut(address))
}

func cut(s string) string { return clip.To(s, 200) }

// named returns an error with the code that SQS uses for errors that all
// services have.
func named(err error) *awserror.Error {
	e := *awserror.From(err)
	switch e.Code {
	case "Throttling":
		e.Code, e.Message = "RequestThrottled", "Rate exceeded"
	case "InternalError":
		e.Code = "InternalFailure"
	}
	return &e
}
