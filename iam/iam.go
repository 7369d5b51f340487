// Package iam is the AWS policy language: it reads policies, decides requests
// by AWS's evaluation logic, and says why.
//
// A document becomes a [Policy] by [Parse], a [Compiled] by [Compile], and a
// [Decision] by [Evaluate]. The package is pure: no I/O, no clock, no global
// that changes.
package iam
