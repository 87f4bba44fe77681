package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Writer is an account that can be changed too. What is handed an Account cannot change it: there is no way from one to the
// other.
type Writer struct {
	*Account
	states states
}

type states interface {
	SetAlarmState(context.Context, *cloudwatch.SetAlarmStateInput, ...func(*cloudwatch.Options)) (*cloudwatch.SetAlarmStateOutput, error)
}

// WriterAt reaches the emulator at url, as At does.
func WriterAt(url, region string) *Writer {
	c := ConfigurationAt(url, region)
	return &Writer{newAccount(c), cloudwatch.NewFromConfig(c)}
}

// SetAlarm gives an alarm a state, with the reason for it, until CloudWatch judges it again.
func (w *Writer) SetAlarm(ctx context.Context, name, state, reason string) error {
	_, err := w.states.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{
		AlarmName: &name, StateValue: types.StateValue(state), StateReason: aws.String(reason),
	})
	return Plain(err)
}
