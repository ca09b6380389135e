"""The ground floor: money, clock, errors, push and the few other things every room stands on."""
