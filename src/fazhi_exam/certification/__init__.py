"""Certificates of enforcement officers (证件), apart from exams: who may be on duty on a day."""

from .expiry import ExpiryForecast, forecast
from .gate import GateResult, Requirement, duty_gate
from .rate import CertifiedShare, StaffMember, certified_share
from .register import Certificate, CertificateState, Event, EventKind, Register
from .training import (
    Rotation,
    TrainingRecord,
    YearlyTraining,
    rotation_coverage,
    yearly_training,
)

__all__ = [
    "Certificate",
    "CertificateState",
    "CertifiedShare",
    "Event",
    "EventKind",
    "ExpiryForecast",
    "GateResult",
    "Register",
    "Requirement",
    "Rotation",
    "StaffMember",
    "TrainingRecord",
    "YearlyTraining",
    "certified_share",
    "duty_gate",
    "forecast",
    "rotation_coverage",
    "yearly_training",
]
