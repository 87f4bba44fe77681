"""An emulator of AWS for the backend's stacks: ministack, with CloudFormation's rules and the types the stacks need.

`python -m extension` serves it. docs/emulator.md says what it models, and what it does not.
"""
