package account

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// Runner gives scripts to machines by Systems Manager's Run Command. It is apart from Account, which only reads: what a script
// does is up to the script.
type Runner struct{ commands commands }

type commands interface {
	ssm.GetCommandInvocationAPIClient
	SendCommand(context.Context, *ssm.SendCommandInput, ...func(*ssm.Options)) (*ssm.SendCommandOutput, error)
}

// OpenRunner reaches an account as Open does.
func OpenRunner(ctx context.Context, at Place) (*Runner, error) {
	c, err := Configuration(ctx, at)
	if err != nil {
		return nil, err
	}
	return &Runner{ssm.NewFromConfig(c)}, nil
}

// RunnerAt reaches the emulator at url, as At does.
func RunnerAt(url, region string) *Runner {
	return &Runner{ssm.NewFromConfig(ConfigurationAt(url, region))}
}

// undelivered is for how long a machine may leave a command lying: the least that SendCommand takes (TimeoutSeconds).
const undelivered = 30 * time.Second

// Run gives a shell script to a machine, which runs it as root, and returns what it wrote: the first 24,000 characters
// (GetCommandInvocation, StandardOutputContent). A machine whose agent does not answer, a script that takes longer than
// limit, and one that fails are errors that say so.
func (r *Runner) Run(ctx context.Context, machine, script string, limit time.Duration) (string, error) {
	sent, err := r.commands.SendCommand(ctx, &ssm.SendCommandInput{
		DocumentName: aws.String("AWS-RunShellScript"), InstanceIds: []string{machine}, TimeoutSeconds: aws.Int32(int32(undelivered.Seconds())),
		Parameters: map[string][]string{"commands": {script}, "executionTimeout": {strconv.Itoa(int(limit.Seconds()))}},
	})
	var invalid *types.InvalidInstanceId
	if errors.As(err, &invalid) {
		return "", errors.New("it takes no commands: it does not run, or its Systems Manager agent does not answer")
	}
	if err != nil {
		return "", Plain(err)
	}
	ended, err := r.ended(ctx, aws.ToString(sent.Command.CommandId), machine, time.Now().Add(undelivered+limit+undelivered))
	if err != nil {
		return "", err
	}
	if ended.Status != types.CommandInvocationStatusSuccess {
		return "", fmt.Errorf("the command ended as %s, exit code %d: %s", aws.ToString(ended.StatusDetails), ended.ResponseCode,
			lastLine(aws.ToString(ended.StandardErrorContent)))
	}
	return aws.ToString(ended.StandardOutputContent), nil
}

// ended waits for a command. Its invocation may not be there yet, right after it was sent (InvocationDoesNotExist).
func (r *Runner) ended(ctx context.Context, id, machine string, until time.Time) (*ssm.GetCommandInvocationOutput, error) {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		found, err := r.commands.GetCommandInvocation(ctx, &ssm.GetCommandInvocationInput{CommandId: &id, InstanceId: &machine})
		var missing *types.InvocationDoesNotExist
		if err != nil && !errors.As(err, &missing) {
			return nil, Plain(err)
		}
		if err == nil {
			switch found.Status {
			case types.CommandInvocationStatusPending, types.CommandInvocationStatusInProgress, types.CommandInvocationStatusDelayed,
				types.CommandInvocationStatusCancelling:
			default:
				return found, nil
			}
		}
		if time.Now().After(until) {
			return nil, fmt.Errorf("command %s has not ended in time", id)
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// lastLine is the last line of a text that is not blank.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
