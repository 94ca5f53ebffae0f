"""Sign-in and sign-out, one-time links, and the shell that the page is drawn into."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect, ensure_csrf_cookie
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_safe

from samplecase.contracts.errors import InvalidInput
from samplecase.web.accounts.links import enter
from samplecase.web.accounts.lockout import LockedOut, SignInTries, remember_browser
from samplecase.web.accounts.models import OneTimeLink, record
from samplecase.web.accounts.people import new_person, sign_up
from samplecase.web.pages.bundle import BundleMissing, bundle
from samplecase.web.pages.forms import WelcomeForm

PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 - a class


@require_safe
@never_cache
@login_required
@ensure_csrf_cookie
def shell(request: HttpRequest) -> HttpResponse:
    """The HTML that the page draws itself into; which view it shows is its own matter."""
    try:
        return render(request, "pages/shell.html", {"bundle": bundle()})
    except BundleMissing as missing:
        context = {"title": "The page is not built", "message": str(missing), "command": "make page"}
        return render(request, "pages/fault.html", context, status=503)


@method_decorator([sensitive_post_parameters(), never_cache, csrf_protect], name="dispatch")
class SignIn(LoginView):
    """The sign-in page. Who fails too often has to wait."""

    tries: SignInTries

    template_name = "pages/login.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context, may_sign_up=settings.SIGN_UP)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # With `next`, somebody signed in was sent here from what he may not open, and is told so.
        if request.user.is_authenticated and not self.get_redirect_url():
            return redirect("/")
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.tries = SignInTries(request, request.POST.get("username", ""))
        try:
            self.tries.count()
        except LockedOut as locked:
            form = AuthenticationForm(request)
            context = self.get_context_data(form=form, locked=locked.detail)
            response = self.render_to_response(context, status=429)
            response.headers["Retry-After"] = str(locked.seconds)
            return response
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        self.tries.succeeded()
        record(actor=user, action="user.sign_in", subject=user)
        response = super().form_valid(form)
        remember_browser(response, user)
        return response


@method_decorator([sensitive_post_parameters(), never_cache, csrf_protect], name="dispatch")
class SignUp(View):
    """Making an account of one's own, where the settings let everybody do that; otherwise there is no such page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.SIGN_UP:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._form(request, WelcomeForm(user=new_person()))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WelcomeForm(request.POST, user=new_person())
        try:
            # Counted like failed tries to sign in, so that nobody makes accounts by the hundred.
            SignInTries(request, request.POST.get("username", "")).count()
        except LockedOut as locked:
            return self._form(request, form, status=429, locked=locked.detail)
        if not form.is_valid():
            return self._form(request, form, status=422)
        try:
            user = sign_up(
                username=form.cleaned_data["username"],
                name=form.cleaned_data["name"],
                password=form.cleaned_data["password"],
            )
        except InvalidInput as taken:
            form.add_error("username", taken.message)
            return self._form(request, form, status=422)
        login(request, user, backend=PASSWORD_BACKEND)
        response = redirect("/")
        remember_browser(response, user)
        return response

    def _form(self, request: HttpRequest, form: WelcomeForm, status: int = 200, **more: Any) -> HttpResponse:
        return render(request, "pages/sign_up.html", {"form": form, **more}, status=status)


@method_decorator(
    [sensitive_variables("secret"), sensitive_post_parameters(), never_cache, csrf_protect], name="dispatch"
)
class Welcome(View):
    """A one-time link. GET only shows the form, for mail programs and browsers fetch ahead; POST uses it up."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)
        assert isinstance(response, HttpResponse)  # noqa: S101 - nothing here is asynchronous
        # Only the server's name may leave in a Referer, never this address. With `no-referrer` a browser would send
        # `Origin: null` with the form, which the CSRF check has to refuse.
        response.headers["Referrer-Policy"] = "strict-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        link = OneTimeLink.objects.usable(secret).select_related("user").first()
        if link is None:
            return self._used_up(request)
        return self._form(request, link, WelcomeForm(user=link.user))

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        link = OneTimeLink.objects.usable(secret).select_related("user").first()
        if link is None:
            return self._used_up(request)
        form = WelcomeForm(request.POST, user=link.user)
        if not form.is_valid():
            return self._form(request, link, form, status=422)
        try:
            user = enter(
                secret=secret,
                username=form.cleaned_data.get("username"),
                name=form.cleaned_data["name"],
                password=form.cleaned_data["password"],
            )
        except InvalidInput as taken:
            form.add_error("username", taken.message)
            return self._form(request, link, form, status=422)
        if user is None:
            return self._used_up(request)
        login(request, user, backend=PASSWORD_BACKEND)
        response = redirect("/")
        remember_browser(response, user)
        return response

    def _form(
        self, request: HttpRequest, link: OneTimeLink, form: WelcomeForm, status: int = 200
    ) -> HttpResponse:
        context = {"form": form, "person": link.user, "is_first": link.user.last_login is None}
        return render(request, "pages/welcome.html", context, status=status)

    def _used_up(self, request: HttpRequest) -> HttpResponse:
        return render(request, "pages/used_up.html", status=410)
