"""The forms of the pages before the page: signing in, and coming in by a one-time link."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.http import QueryDict

from samplecase.web.accounts.models import User
from samplecase.web.accounts.names import LONGEST_NAME, TAKEN, is_taken

_PASSWORD = {"autocomplete": "new-password", "spellcheck": "false", "aria-describedby": "password_rules"}


class WelcomeForm(forms.Form):
    """Name and password of someone who came by a link.

    The username can be chosen by those who never signed in; a password must be by those who have none.
    """

    username = UsernameField(
        max_length=LONGEST_NAME,
        validators=[User.username_validator],
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
        help_text="Others see this name and share with it.",
    )
    name = forms.CharField(
        label="Full name",
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(max_length=4096, strip=False, widget=forms.PasswordInput(attrs=_PASSWORD))
    repeated = forms.CharField(
        label="Password again", max_length=4096, strip=False, widget=forms.PasswordInput(attrs=_PASSWORD)
    )

    def __init__(self, data: QueryDict | None = None, *, user: User) -> None:
        super().__init__(data, initial={"username": user.username, "name": user.get_full_name()})
        self.user = user
        if user.last_login is not None:
            del self.fields["username"]
        if user.has_usable_password():
            for name in ("password", "repeated"):
                self.fields[name].required = False
            self.fields["password"].label = "New password"
            self.fields["password"].help_text = "Leave it empty to keep the one you have."

    def password_rules(self) -> list[str]:
        return password_validators_help_texts()

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if is_taken(username, besides=self.user):
            raise ValidationError(TAKEN)
        return username

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        password = found.get("password", "")
        if password and password != found.get("repeated"):
            self.add_error("repeated", "The two passwords differ.")
        if password:
            self._check(password, found)
        return found

    def _check(self, password: str, found: dict[str, Any]) -> None:
        # Compared with the names that are being chosen, not with those that are stored.
        person = User(username=found.get("username") or self.user.username, first_name=found.get("name", ""))
        try:
            validate_password(password, person)
        except ValidationError as error:
            self.add_error("password", error)
