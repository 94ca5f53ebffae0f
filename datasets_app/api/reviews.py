"""`/datasets/{id}/reviews/`: queues in which people accept, reject or correct what a model said."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from datasets_app.api.review_serializers import (
    NewReviewSerializer,
    ReviewClaimedSerializer,
    ReviewClaimSerializer,
    ReviewDecisionSerializer,
    ReviewOutcomeSerializer,
    ReviewSerializer,
)
from datasets_app.api.shown import chosen_fields, shown_samples
from datasets_app.models import Dataset, Sample
from datasets_app.review_claims import claim_samples, release_samples
from datasets_app.review_decisions import Decision, Outcome, Overtaken, decide, undo_last
from datasets_app.review_models import Review
from datasets_app.reviews import create_review, delete_review, find_review, problem_of, progress_of
from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.states import DatasetRight
from samplecase.web.accounts.models import User
from samplecase.web.errors import body
from samplecase.web.rest.schema import errors
from samplecase.web.rest.views import ApiView, ApiViewSet

WINDOW = OpenApiParameter(
    "window", OpenApiTypes.STR, description="Which of your windows asks, up to 36 letters, digits and `-`."
)
_WINDOW = re.compile(r"[A-Za-z0-9-]{1,36}\Z", re.ASCII)


class ReviewViewSet(ApiViewSet):
    """Reviews. Seen by who may view the dataset; made with *label*; deleted by who made it, or with *edit*."""

    queryset = Review.objects.none()
    serializer_class = ReviewSerializer
    page_order = ("-id",)

    def list(self, request: Request, pk: int) -> Response:
        """The dataset's reviews, the newest first."""
        dataset = Dataset.objects.require(pk=pk, user=request.user)
        reviews = Review.objects.filter(dataset=dataset).select_related("created_by", "source", "target")
        page = self.paginate_queryset(reviews) or []
        return self.get_paginated_response([_shown(each, request) for each in page])

    @extend_schema(request=NewReviewSerializer, responses={201: ReviewSerializer})
    def create(self, request: Request, pk: int) -> Response:
        """Put the samples that the filter holds now into a queue; makes the target field, where there is none."""
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.LABEL)
        facts = self.checked(NewReviewSerializer)
        review = create_review(acting_user=cast(User, request.user), dataset=dataset, **facts)
        return Response(_shown(review, request), status=201)

    def retrieve(self, request: Request, pk: int, rid: int) -> Response:
        """One review, and how far it is."""
        dataset = Dataset.objects.require(pk=pk, user=request.user)
        return Response(_shown(find_review(dataset=dataset, pk=rid), request))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int, rid: int) -> Response:
        """Delete a review; what was decided stays in the target field."""
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.LABEL)
        review = find_review(dataset=dataset, pk=rid)
        delete_review(acting_user=cast(User, request.user), dataset=dataset, review=review)
        return Response(status=204)


class ReviewClaimsView(ApiView):
    """The samples of a review that you have."""

    @extend_schema(
        parameters=[WINDOW],
        request=ReviewClaimSerializer,
        responses={200: ReviewClaimedSerializer, **errors(409)},
    )
    def post(self, request: Request, pk: int, rid: int) -> Response:
        """The next samples for you, which nobody else gets meanwhile; first those that you have. Needs *label*.

        What you have is given to others when you do nothing in the review for ten minutes (a setting). With `window`,
        what you have elsewhere is not given to this one.
        """
        dataset, review = _labelled(request, pk, rid)
        count = self.checked(ReviewClaimSerializer)["count"]
        chosen = claim_samples(
            acting_user=cast(User, request.user), review=review, count=count, window=_window(request)
        )
        found = Sample.objects.in_bulk(chosen)
        samples = [found[each] for each in chosen if each in found]
        return Response(
            {
                "results": shown_samples(samples, chosen_fields(dataset, None)),
                "counts": _counts(review, request),
            }
        )

    @extend_schema(parameters=[WINDOW], responses={204: None})
    def delete(self, request: Request, pk: int, rid: int) -> Response:
        """Give back what you have (in this `window`), so that others need not wait for it; needs *label*."""
        _, review = _labelled(request, pk, rid)
        release_samples(acting_user=cast(User, request.user), review=review, window=_window(request))
        return Response(status=204)


class ReviewDecisionsView(ApiView):
    """What is decided in a review."""

    @extend_schema(
        parameters=[WINDOW],
        request=ReviewDecisionSerializer,
        responses={200: ReviewOutcomeSerializer, **errors(409)},
    )
    def post(self, request: Request, pk: int, rid: int) -> Response:
        """Accept, reject or correct the model's value of one sample; needs *label*.

        409 for a sample that somebody else has or had, and where the target's value is not that of `revision`: the
        answer then has `conflicts`, as that of `values/`.
        """
        _, review = _labelled(request, pk, rid)
        given = self.checked(ReviewDecisionSerializer)
        decision = Decision(given.pop("decision"))
        try:
            outcome = decide(
                acting_user=cast(User, request.user),
                review=review,
                decision=decision,
                window=_window(request),
                **given,
            )
        except Overtaken as error:
            refused = body(error.code, error.message, error.details)
            return Response({**refused, "conflicts": [vars(error.conflict)]}, status=409)
        return _answer(review, outcome, request)


class ReviewUndoView(ApiView):
    """Takes back what was decided last."""

    @extend_schema(parameters=[WINDOW], request=None, responses={200: ReviewOutcomeSerializer, **errors(409)})
    def post(self, request: Request, pk: int, rid: int) -> Response:
        """The sample that you decided last is yours again, and the target field as before; needs *label*."""
        _, review = _labelled(request, pk, rid)
        user = cast(User, request.user)
        return _answer(review, undo_last(acting_user=user, review=review, window=_window(request)), request)


def _window(request: Request) -> str | None:
    named = request.query_params.get("window")
    if named is not None and not _WINDOW.match(named):
        raise InvalidInput("window has 1 to 36 letters, digits and hyphens.", pointer="/window")
    return named


def _labelled(request: Request, pk: int, rid: int) -> tuple[Dataset, Review]:
    dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.LABEL)
    return dataset, find_review(dataset=dataset, pk=rid)


def _answer(review: Review, outcome: Outcome, request: Request) -> Response:
    return Response({**asdict(outcome), "counts": _counts(review, request)})


def _counts(review: Review, request: Request) -> dict[str, Any]:
    return asdict(progress_of(review, cast(User, request.user)))


def _shown(review: Review, request: Request) -> dict[str, Any]:
    return {
        "id": review.pk,
        "name": review.name,
        "filter": review.filter,
        "source": review.source.name,
        "target": review.target.name,
        "order": review.order,
        "created_by": review.created_by.username if review.created_by else None,
        "created_at": review.created_at,
        "problem": problem_of(review),
        "counts": _counts(review, request),
    }
